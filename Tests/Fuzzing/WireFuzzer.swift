// The frames of a runner under libFuzzer; scripts/fuzz builds and runs it. What it has found is kept in
// Tests/Fixtures/frames and played by the ordinary tests.

private let runner = HostileRunner()

/// libFuzzer's own `main`; see "Using libFuzzer as a library" in its documentation.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ testOneInput: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    _ = runner?.receive(UnsafeRawBufferPointer(start: start, count: count))
    return 0
}

/// The name by which the package manager wants the `main` of this target.
@_cdecl("wire_fuzzer_main")
public func main(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    var (count, arguments) = (count, arguments)
    return runDriver(&count, &arguments, testOneInput)
}
