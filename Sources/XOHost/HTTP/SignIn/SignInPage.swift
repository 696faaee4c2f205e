import Crypto
import FoundationEssentials

/// The pages of signing in: plain HTML that needs no script. Whatever comes from outside is escaped.
struct SignInPage {
    /// A way in at a provider.
    struct Way {
        let label: String
        let address: String
    }

    private static let style = """
        :root{color-scheme:light dark;font:100%/1.5 system-ui,sans-serif}body{display:grid;place-items:center;\
        min-height:100vh;margin:0}main{width:min(22rem,90vw)}h1{font-size:1.4rem}label{display:block;margin:.8rem 0 .2rem}\
        input:not([type=checkbox]){box-sizing:border-box;width:100%;padding:.5rem;font:inherit}\
        button,.way{box-sizing:border-box;display:block;width:100%;margin-top:1rem;padding:.6rem;font:inherit;\
        text-align:center}.way{border:1px solid;border-radius:.3rem;color:inherit;text-decoration:none}\
        [role=alert]{border-left:.3rem solid #c33;padding:.4rem .8rem}
        """

    /// Nothing but the style above may be applied, and nothing at all be loaded or run.
    static let policy: String = {
        let hash = Data(SHA256.hash(data: Array(style.utf8))).base64EncodedString()
        return "default-src 'none'; style-src 'sha256-\(hash)'; form-action 'self'; base-uri 'none'; "
            + "frame-ancestors 'none'"
    }()

    /// The form for name and password, and the other ways in.
    static func form(ways: [Way], wanted: String, problem: String?) -> OutgoingResponse {
        let buttons = ways.map { way in
            "<a class=\"way\" href=\"\(escaped(way.address))\">Sign in with \(escaped(way.label))</a>\n"
        }.joined()
        return page(
            "Sign in", problem,
            """
            <form method="post" action="/signin/local">
            <label for="username">User name</label>
            <input id="username" name="username" autocomplete="username" autocapitalize="none" required autofocus>
            <label for="password">Password</label>
            <input id="password" name="password" type="password" autocomplete="current-password" required>
            <label><input type="checkbox" name="remember-me"> Remember me</label>
            <input type="hidden" name="next" value="\(escaped(wanted))">
            <button>Sign in</button>
            </form>
            \(buttons)
            """)
    }

    /// The form for the second factor.
    static func code(problem: String?) -> OutgoingResponse {
        page(
            "Second step", problem,
            """
            <form method="post" action="/signin-otp">
            <label for="otp">Code of your authenticator app, or a recovery code</label>
            <input id="otp" name="otp" autocomplete="one-time-code" autocapitalize="none" required autofocus>
            <button>Sign in</button>
            </form>
            <p><a href="/signin">Begin anew</a></p>
            """)
    }

    private static func page(_ title: String, _ problem: String?, _ content: String) -> OutgoingResponse {
        let alert = problem.map { "<p role=\"alert\">\(escaped($0))</p>\n" } ?? ""
        let html = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>\(title)</title>
            <style>\(style)</style>
            </head>
            <body>
            <main>
            <h1>\(title)</h1>
            \(alert)\(content)
            </main>
            </body>
            </html>

            """
        return OutgoingResponse(
            status: problem == nil ? 200 : 401,
            headers: [
                ("content-type", "text/html; charset=utf-8"), ("content-security-policy", policy),
                ("cache-control", "no-store"), ("referrer-policy", "same-origin"),
            ], body: Array(html.utf8))
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.append(character)
            }
        }
    }
}
