import Dispatch
import Glibc
import Synchronization
import XOClient
import XOJSON

extension Command {
    static let watch = Command(
        name: "watch",
        forms: ["[--ndjson]"],
        summary: "print what the server notifies, until Ctrl-C",
        details: """
            Changes of objects arrive as `all` notifications. --ndjson prints each as one line of JSON.
            Ctrl-C ends with a count of the notifications per method.

            Example:
              xo-cli watch --ndjson | jq -c '.params.items | keys'
            """,
        run: { invocation in
            let printsLines = invocation.arguments.first == "--ndjson"
            let access = try Access(invocation.global)
            let client = try await XOClient.connect(to: access.server, options: access.options)
            let notifications = client.notifications
            let interrupt = Interrupt { Task { await client.close() } }
            do {
                try await access.signIn(client)
                var tally = Tally()
                for await notification in notifications {
                    tally.count(notification.method)
                    show(notification, asLine: printsLines)
                }
                if interrupt.hasHappened {
                    OutputStream.error.write("\nNumber of notifications per method:\n" + tally.text)
                } else {
                    OutputStream.error.write("The server closed the connection.\n")
                }
            } catch {
                await client.close()
                // Interrupted while it was still signing in: nothing has been counted, nothing went wrong.
                if !interrupt.hasHappened { throw error }
            }
            return .nothing
        })

    private static func show(_ notification: Notification, asLine: Bool) {
        if asLine {
            let line: JSON = ["method": .string(notification.method), "params": notification.params]
            OutputStream.standard.write("\(line)\n")
        } else {
            let params = Inspector.text(of: notification.params, colours: .ofValues(on: .standard))
            OutputStream.standard.write("\(notification.method) \(params)\n\n")
        }
    }
}

/// How often each method was notified.
private struct Tally {
    private var counts: [String: Int] = [:]

    mutating func count(_ method: String) { counts[method, default: 0] += 1 }

    /// The most frequent method first.
    var text: String {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "  \($0.key): \($0.value)\n" }.joined()
    }
}

/// The first Ctrl-C; a second one ends the program as usual.
///
/// Unchecked: sources of Dispatch may be used from any thread, but are not declared so.
private final class Interrupt: @unchecked Sendable {
    private let isRaised = Atomic<Bool>(false)
    private let source: any DispatchSourceSignal

    var hasHappened: Bool { isRaised.load(ordering: .acquiring) }

    init(_ action: @escaping @Sendable () -> Void) {
        // The source only sees signals whose own action is off.
        signal(SIGINT, SIG_IGN)
        source = DispatchSource.makeSignalSource(signal: SIGINT)
        source.setEventHandler { [self] in
            signal(SIGINT, SIG_DFL)
            isRaised.store(true, ordering: .releasing)
            action()
        }
        source.resume()
    }
}
