// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours is held to the same rules; dependencies are not.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// A plugin exports its entry function and nothing else, resolves everything at load, and is never unmapped.
let pluginLinkage: [LinkerSetting] =
    [
        .unsafeFlags([
            "-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/CXOPlugin/plugin.map",
            "-Xlinker", "-z", "-Xlinker", "nodelete",
        ]),
        // The host hashes and copies a library before it loads it: debug information would make up most of that.
        .unsafeFlags(["-Xlinker", "-s"], .when(configuration: .release)),
    ]
    // A sanitizer's functions are in the executable, so a library cannot have them all.
    + (Context.environment["XO_SANITIZED"] == nil ? [.unsafeFlags(["-Xlinker", "-z", "-Xlinker", "defs"])] : [])

let nio: Target.Dependency = .product(name: "NIO", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioWebSocket: Target.Dependency = .product(name: "NIOWebSocket", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let x509: Target.Dependency = .product(name: "X509", package: "swift-certificates")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

/// Only for scripts/fuzz: these have no `main` of their own.
let fuzzers: [Target] =
    Context.environment["XO_FUZZING"] == nil
    ? []
    : [
        .executableTarget(
            name: "wire-fuzzer", dependencies: ["CXOPlugin", "XOHost"], path: "Tests/Fuzzing", swiftSettings: strict)
    ]

let package = Package(
    name: "xohost",
    products: [
        // For plugin authors.
        .library(name: "CXOPlugin", targets: ["CXOPlugin"]),
        .library(name: "XOPluginAPI", targets: ["XOPluginAPI"]),
        // For administrators and users.
        .executable(name: "xo-host", targets: ["xo-host"]),
        .executable(name: "xo-cli", targets: ["xo-cli"]),
        .executable(name: "xapi-sim", targets: ["xapi-sim"]),
        // For plugin authors: the conformance suite.
        .executable(name: "xo-plugin", targets: ["xo-plugin"]),
        .library(name: "EventRecorder", type: .dynamic, targets: ["EventRecorder"]),
        // Plugins, each its own .so.
        .library(name: "WebTransport", type: .dynamic, targets: ["WebTransport"]),
        .library(name: "XAPI", type: .dynamic, targets: ["XAPI"]),
        .library(name: "DemoPool", type: .dynamic, targets: ["DemoPool"]),
        .library(name: "AuthGitHub", type: .dynamic, targets: ["AuthGitHub"]),
        .library(name: "AuthSAML", type: .dynamic, targets: ["AuthSAML"]),
        .library(name: "AuthLDAP", type: .dynamic, targets: ["AuthLDAP"]),
        // For `make bench`.
        .executable(name: "xo-bench", targets: ["xo-bench"]),
        .executable(name: "bench-echo", targets: ["bench-echo"]),
        .library(name: "BenchPing", type: .dynamic, targets: ["BenchPing"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    ],
    targets: [
        // The protocol and what is shared by all.
        .target(name: "CXOPlugin", exclude: ["abi", "plugin.map", "xo-plugin.pc.in"]),
        .target(
            name: "XOJSON",
            dependencies: [.product(name: "OrderedCollections", package: "swift-collections")],
            swiftSettings: strict),
        // What the host and the SDK share of the protocol in Swift.
        .target(name: "XOProtocol", dependencies: ["CXOPlugin", "XOJSON"], swiftSettings: strict),
        .target(name: "XOPluginAPI", dependencies: ["CXOPlugin", "XOJSON", "XOProtocol"], swiftSettings: strict),

        // The host: no web, TLS, LDAP, XML or XAPI library may appear here.
        .systemLibrary(name: "CArgon2", pkgConfig: "libargon2", providers: [.apt(["libargon2-dev"])]),
        .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
        .target(name: "CCrashMark"),
        .target(
            name: "XOHost",
            dependencies: [
                "CXOPlugin", "XOJSON", "XOProtocol", "CArgon2", "CCrashMark", "CPCRE2", crypto,
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .executableTarget(name: "xo-host", dependencies: ["XOHost", arguments], swiftSettings: strict),

        // The conformance suite is a host of its own: it must not share mistakes with the one it stands in for.
        .executableTarget(
            name: "xo-plugin", dependencies: ["CXOPlugin", "XOJSON", "XOProtocol", arguments], swiftSettings: strict),

        // A plugin with which the suite hears what others publish.
        .target(name: "EventRecorder", dependencies: ["CXOPlugin"], linkerSettings: pluginLinkage),

        // The command line speaks only the network API.
        .target(
            name: "XOClient",
            dependencies: ["XOJSON", nio, nioHTTP1, nioWebSocket, nioSSL],
            swiftSettings: strict),
        .executableTarget(name: "xo-cli", dependencies: ["XOClient", "XOJSON"], swiftSettings: strict),

        // A XenServer pool in memory.
        .target(
            name: "XAPISimulator",
            dependencies: ["XOJSON", nio, nioHTTP1, nioSSL, x509, crypto],
            swiftSettings: strict),
        .executableTarget(name: "xapi-sim", dependencies: ["XAPISimulator", arguments], swiftSettings: strict),

        // A connection to a pool: client, records, and how they become objects.
        .target(
            name: "XAPIPool",
            dependencies: [
                "XOJSON", nio, nioHTTP1, nioSSL, crypto, .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ],
            swiftSettings: strict),

        // Plugins: never import XOHost, nor each other.
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(
            name: "WebTransport",
            dependencies: ["XOPluginAPI", "XOJSON", "CZlib", nio, nioHTTP1, nioSSL, x509, crypto],
            path: "Plugins/WebTransport", swiftSettings: strict, linkerSettings: pluginLinkage),
        .target(
            name: "XAPI",
            dependencies: ["XOPluginAPI", "XOJSON", "XAPIPool", nio],
            path: "Plugins/XAPI", swiftSettings: strict, linkerSettings: pluginLinkage),
        .target(
            name: "DemoPool",
            dependencies: ["XOPluginAPI", "XOJSON", "XAPISimulator"],
            path: "Plugins/DemoPool", swiftSettings: strict, linkerSettings: pluginLinkage),
        .target(
            name: "AuthGitHub",
            dependencies: [
                "XOPluginAPI", "XOJSON", nio, nioHTTP1, nioSSL, crypto,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ],
            path: "Plugins/AuthGitHub", swiftSettings: strict, linkerSettings: pluginLinkage),

        // Sign-in with SAML: what a message is worth is decided apart from everything else.
        .systemLibrary(name: "CXMLSec", pkgConfig: "xmlsec1-openssl", providers: [.apt(["libxmlsec1-dev"])]),
        .target(
            name: "SAMLValidation", dependencies: ["CXMLSec", x509, crypto],
            path: "Plugins/AuthSAML/Validation", swiftSettings: strict),
        .target(
            name: "AuthSAML",
            dependencies: [
                "SAMLValidation", "XOPluginAPI", "XOJSON", "CZlib", nio, nioSSL, x509, crypto, cryptoExtras,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ],
            path: "Plugins/AuthSAML", exclude: ["Validation"], swiftSettings: strict, linkerSettings: pluginLinkage),
        .systemLibrary(name: "CLDAP", pkgConfig: "ldap", providers: [.apt(["libldap-dev"])]),
        .target(
            name: "AuthLDAP",
            dependencies: ["XOPluginAPI", "CLDAP", x509],
            path: "Plugins/AuthLDAP", swiftSettings: strict, linkerSettings: pluginLinkage),

        // Benchmarks: the load, a yardstick, and a plugin that does nothing.
        .systemLibrary(name: "CEpoll", path: "Benchmarks/CEpoll"),
        .executableTarget(
            name: "xo-bench", dependencies: ["XOJSON", "CEpoll", arguments], path: "Benchmarks/LoadGenerator",
            swiftSettings: strict),
        .executableTarget(
            name: "bench-echo", dependencies: [nio, nioHTTP1, nioWebSocket], path: "Benchmarks/EchoServer",
            swiftSettings: strict),
        .target(
            name: "BenchPing", dependencies: ["XOPluginAPI"],
            path: "Benchmarks/PingSwift", swiftSettings: strict, linkerSettings: pluginLinkage),

        .testTarget(name: "XOJSONTests", dependencies: ["XOJSON"], swiftSettings: strict),
        .testTarget(
            name: "XAPISimulatorTests", dependencies: ["XAPISimulator", "XOJSON", "xapi-sim", nio],
            exclude: ["witness.py"], swiftSettings: strict),
        .testTarget(
            name: "XOHostTests",
            dependencies: ["XOHost", "XOJSON", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: strict),
        .testTarget(
            name: "XOCLITests",
            dependencies: ["XOClient", "XOJSON", nio, nioHTTP1, nioWebSocket, nioSSL],
            exclude: ["Fixtures/inspect.mjs"],
            resources: [.copy("Fixtures/inspect.json"), .copy("Fixtures/self-signed.pem")],
            swiftSettings: strict),
        .testTarget(
            name: "XAPITests",
            dependencies: ["XAPIPool", "XAPISimulator", "TestSupport", "XOClient", "XOJSON", nio],
            swiftSettings: strict),

        // The whole, through sockets, .so files and command lines.
        .target(
            name: "TestSupport", dependencies: ["XOClient", "XOJSON", nio], path: "Tests/TestSupport",
            exclude: ["GitHub/github_standin.py"], swiftSettings: strict),
        .testTarget(
            name: "ConformanceTests", dependencies: ["TestSupport", "XOJSON", "xo-plugin"], swiftSettings: strict),
        // Plugins that vouch for people, under the suite's host, which watches them at the same time.
        .testTarget(
            name: "AuthPluginTests",
            dependencies: [
                "CXOPlugin", "TestSupport", "XOJSON", "xo-plugin", x509, crypto,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "AuthSAMLTests",
            dependencies: [
                "CXOPlugin", "CZlib", "XOClient", "XOProtocol", "XOJSON", "TestSupport", x509, crypto, cryptoExtras,
            ],
            exclude: ["Providers/browser.py", "Providers/lemonldap", "Providers/simplesamlphp"],
            swiftSettings: strict),
        .testTarget(
            name: "AuthLDAPTests", dependencies: ["CXOPlugin", "TestSupport", "XOClient", "XOJSON", "XOProtocol"],
            swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests", dependencies: ["TestSupport", "XOClient", "XOJSON", "XAPISimulator", "CZlib"],
            swiftSettings: strict),
    ] + fuzzers,
    swiftLanguageModes: [.v6]
)
