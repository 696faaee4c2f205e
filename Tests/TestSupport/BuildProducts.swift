import Foundation

/// Where the build has put what the tests run and load.
public enum BuildProducts {
    /// SwiftPM puts executables and plugins into the folder of the program that runs the tests. `XO_TEST_PRODUCTS` names
    /// another: so that the same tests can be held against the release build.
    public static let folder =
        ProcessInfo.processInfo.environment["XO_TEST_PRODUCTS"].map { URL(filePath: $0).resolvingSymlinksInPath() }
        ?? URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

    private static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Whether `scripts/test` runs them under a sanitizer.
    public static var areSanitized: Bool {
        let variables = ProcessInfo.processInfo.environment
        return variables["TSAN_OPTIONS"] != nil || variables["ASAN_OPTIONS"] != nil
    }

    public static func executable(_ name: String) throws -> URL {
        try existing(folder.appending(path: name), remedy: "swift build --build-tests")
    }

    /// A plugin of this package, such as `WebTransport`.
    public static func plugin(_ name: String) throws -> String {
        try existing(folder.appending(path: "lib\(name).so"), remedy: "swift build --build-tests").path
    }

    /// A plugin of the tests, without `.so`; see `Tests/Fixtures/plugins/broken.h`.
    public static func fixture(_ name: String) throws -> String {
        try existing(package.appending(path: ".build/fixtures/\(name).so"), remedy: "make fixtures").path
    }

    /// The example of a plugin in Swift, which is a package of its own.
    public static func swiftExample() throws -> String {
        let folder = package.appending(path: ".build/hello-swift/debug")
        let remedy = "swift build --package-path Examples/HelloSwift --scratch-path .build/hello-swift"
        return try existing(folder.appending(path: "libHelloSwift.so"), remedy: remedy).path
    }

    private static func existing(_ file: URL, remedy: String) throws -> URL {
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw MissingProduct(description: "\(file.path) is missing; make it with: \(remedy)")
        }
        return file
    }
}

/// Something that must be built before the tests run.
public struct MissingProduct: Error, CustomStringConvertible {
    public let description: String
}
