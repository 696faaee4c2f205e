import ArgumentParser
import XOJSON

/// What a fresh client waits for: connect, sign in, all objects of a type, to the last byte.
struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Times the first listing of a fresh client.")

    @OptionGroup var target: Target

    @Option(help: "Type of the objects; all of them unless given.")
    var type: String?

    func run() throws {
        let started = Time.now
        let serverCPU = try target.cpu()
        let connection = try target.open()
        let signedIn = Time.now
        let parameters: JSON = type.map { ["filter": ["type": .string($0)]] } ?? [:]
        let (text, ended) = try connection.call("xo.getAllObjects", parameters) { (Array($0), Time.now) }
        let used = try target.cpu() - serverCPU
        let objects = try JSON(parsing: text)["result"]?.object ?? [:]
        let report: JSON = [
            "milliseconds": .number(Double(ended - started) / 1e6),
            "signInMilliseconds": .number(Double(signedIn - started) / 1e6),
            "serverMilliseconds": .number(Double(used) / 1e6),
            "objects": JSON(objects.count), "bytes": JSON(text.count),
        ]
        print(report)
    }
}
