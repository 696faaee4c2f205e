import XOJSON

extension Command {
    static let completion = Command(
        name: "completion",
        forms: ["bash|zsh|fish"],
        summary: "print a script that completes commands, methods and parameters",
        details: """
            Methods and parameters are asked from the registered server.

            To use it, put into ~/.bashrc, ~/.zshrc (behind compinit) or ~/.config/fish/config.fish:
              source <(xo-cli completion bash)
              source <(xo-cli completion zsh)
              xo-cli completion fish | source
            """,
        run: { invocation in
            switch invocation.arguments.first {
            case "bash": return .text(CompletionScript.bash)
            case "zsh": return .text(CompletionScript.zsh)
            case "fish": return .text(CompletionScript.fish)
            case "words":
                // What the scripts ask for; the words typed so far follow a `--`.
                let typed = invocation.arguments.dropFirst().drop { $0 == "--" }
                let words = await Candidates(after: Array(typed)).words
                return words.isEmpty ? .nothing : .text(words.joined(separator: "\n"))
            default: throw UsageError("which shell? Expected bash, zsh or fish")
            }
        })
}

/// What may follow the words of an unfinished command line.
private struct Candidates {
    /// Somebody is waiting for the Tab key to do something.
    private static let timeLimit = Duration.seconds(5)

    private let typed: [String]

    init(after typed: [String]) { self.typed = typed }

    var words: [String] {
        get async {
            guard let global = try? GlobalOptions(typed) else { return [] }
            let commands = Command.all.map(\.name)
            guard let first = global.rest.first else {
                let options = ["--url", "--allowUnauthorized", "--help"]
                return await commands + options + methods(global).keys
            }
            let rest = Array(global.rest.dropFirst())
            switch first {
            case "help": return rest.isEmpty ? await commands + methods(global).keys : []
            case "completion": return rest.isEmpty ? ["bash", "zsh", "fish"] : []
            case "rest":
                let words = rest.drop { $0 == "--json" }
                return words.isEmpty ? ["del", "get", "patch", "post", "put"] + (rest.isEmpty ? ["--json"] : []) : []
            case "register", "create-token": return ["--allowUnauthorized", "--expiresIn", "--otp", "--token"]
            case "watch": return rest.isEmpty ? ["--ndjson"] : []
            case "list-objects": return ["type=", "power_state=", "name_label=", "tags=", "id="]
            case "call":
                guard let method = rest.first else { return await Array(methods(global).keys) }
                return await parameters(of: method, global)
            case _ where commands.contains(first): return []
            default: return await parameters(of: first, global)
            }
        }
    }

    private func parameters(of method: String, _ global: GlobalOptions) async -> [String] {
        await (methods(global)[method]?["params"]?.object?.keys).map { $0.map { "\($0)=" } } ?? []
    }

    /// The methods of the server; none if it cannot be asked, or does not answer soon: this is no time for errors.
    private func methods(_ global: GlobalOptions) async -> JSONObject {
        guard let access = try? Access(global) else { return [:] }
        let (answers, continuation) = AsyncStream<JSONObject>.makeStream()
        // Whichever is first; the other one ends with the process, as a call cannot be taken back.
        Task {
            let answer = try? await access.withSession { try await $0.call("system.getMethodsInfo") }
            continuation.yield(answer?.object ?? [:])
        }
        Task {
            try? await Task.sleep(for: Candidates.timeLimit)
            continuation.yield([:])
        }
        return await answers.first { _ in true } ?? [:]
    }
}

private enum CompletionScript {
    static let bash = """
        _xo_cli() {
            local current words
            # Bash takes '=' and ':' for ends of words; the command line is what counts.
            read -r -a words <<< "${COMP_LINE:0:COMP_POINT}"
            current=${words[${#words[@]}-1]}
            if [[ ${COMP_LINE:0:COMP_POINT} == *[[:space:]] ]]; then
                current=
            else
                unset "words[${#words[@]}-1]"
            fi
            [[ $current == *=* ]] && return
            COMPREPLY=($(compgen -W "$(xo-cli completion words -- "${words[@]:1}" 2>/dev/null)" -- "$current"))
            [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace
        }
        complete -o default -F _xo_cli xo-cli
        """

    static let zsh = """
        #compdef xo-cli
        _xo_cli() {
            local -a words_so_far candidates parameters others
            words_so_far=("${(@)words[2,CURRENT-1]}")
            candidates=("${(@f)$(xo-cli completion words -- $words_so_far 2>/dev/null)}")
            parameters=(${(M)candidates:#*=})
            others=(${candidates:#*=})
            (( $#parameters )) && compadd -S '' -- $parameters
            (( $#others )) && compadd -- $others
            (( $#parameters + $#others )) || _files
        }
        compdef _xo_cli xo-cli
        """

    static let fish = """
        function __xo_cli_candidates
            set -l typed (commandline -opc)
            xo-cli completion words -- $typed[2..-1] 2>/dev/null
        end
        complete -c xo-cli -f -a '(__xo_cli_candidates)'
        """
}
