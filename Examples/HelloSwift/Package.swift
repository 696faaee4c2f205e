// swift-tools-version: 6.2
import PackageDescription

// A plugin in a package of its own. Outside of this checkout, name the repository in place of the path:
//     .package(url: "https://…/xohost", from: "…")
//
// To ship it to machines that have no Swift, add `-c release -Xswiftc -static-stdlib`: the library then carries the
// runtime inside, hidden by the version script.
let package = Package(
    name: "HelloSwift",
    products: [
        // Dynamic, because the host loads it: libHelloSwift.so.
        .library(name: "HelloSwift", type: .dynamic, targets: ["HelloSwift"])
    ],
    dependencies: [.package(name: "xohost", path: "../..")],
    targets: [
        .target(
            name: "HelloSwift",
            dependencies: [.product(name: "XOPluginAPI", package: "xohost")],
            linkerSettings: [
                .unsafeFlags([
                    // Export the entry function and nothing else: two plugins may contain the same package in two
                    // versions, and must not find each other's.
                    "-Xlinker", "--version-script=\(Context.packageDirectory)/plugin.map",
                    // Never unmap it: Swift's runtime keeps pointers to its types for the life of the process.
                    "-Xlinker", "-z", "-Xlinker", "nodelete",
                    // A symbol that nobody defines is an error now, not when the host loads the plugin.
                    "-Xlinker", "-z", "-Xlinker", "defs",
                ])
            ])
    ],
    swiftLanguageModes: [.v6]
)
