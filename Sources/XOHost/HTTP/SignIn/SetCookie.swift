/// A cookie for a browser (RFC 6265bis). Never readable by script, and not sent with what other sites begin, except for
/// links that people follow.
struct SetCookie {
    let name: String
    let value: String
    var path = "/"
    /// Seconds; `nil`: until the browser is closed.
    var maximumAge: Int64?
    /// Not sent over connections that others can read.
    let isSecure: Bool

    /// The header's value.
    var text: String {
        var text = "\(name)=\(value); Path=\(path); HttpOnly; SameSite=Lax"
        if let maximumAge { text += "; Max-Age=\(maximumAge)" }
        if isSecure { text += "; Secure" }
        return text
    }

    /// Makes the browser forget it.
    static func removal(_ name: String, path: String = "/", isSecure: Bool) -> SetCookie {
        SetCookie(name: name, value: "", path: path, maximumAge: 0, isSecure: isSecure)
    }
}
