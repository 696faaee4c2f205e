extension String {
    /// Whether the database keeps and compares this text as it is. A text ends for it at the first NUL, so `bob\0x` would
    /// be `bob` there, and somebody else here.
    var isStorable: Bool { !utf8.contains(0) }
}
