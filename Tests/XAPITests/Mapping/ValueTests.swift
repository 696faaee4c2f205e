import Testing
import XOJSON

@testable import XAPIPool

@Suite struct ValueTests {
    @Test(arguments: [
        (#""19700101T00:00:00Z""#, JSON.null),
        (#""20230305T18:18:29Z""#, 1_678_040_309),
        (#""20230305T18:18:29+01:00""#, 1_678_036_709),
        (#""20240229T12:00:00Z""#, 1_709_208_000),
        (#""1647628715.91""#, 1_647_628_715.91),
        (#""1675817747.""#, 1_675_817_747),
        ("1675817747", 1_675_817_747),
        ("0", .null), (#""""#, .null), (#""0""#, .null), (#""yesterday""#, .null), (#""nan""#, .null),
        (#""20231305T18:18:29Z""#, .null), (#""20230305T18:18""#, .null),
    ])
    func timestamps(text: String, expected: JSON) {
        #expect(Timestamp.seconds(RawJSON(ArraySlice(text.utf8))).double == expected.double)
    }

    @Test func missingTimestampIsNull() { #expect(Timestamp.seconds(nil) == .null) }

    @Test(arguments: [
        ("3.4.0", true, true), ("3.4.1", true, true), ("4.0.0", true, true), ("3.2.1", false, true),
        ("3.10.0", true, true), ("2.1.0", false, false), ("3.4", false, false), ("3.4.0-rc1", false, false),
        (nil, false, false),
    ])
    func platformVersions(text: String?, isRecent: Bool, hasUpdates: Bool) {
        let version = PlatformVersion(text)
        #expect((version.map { $0 >= PlatformVersion(3, 4, 0) } ?? false) == isRecent)
        #expect((version.map { $0 >= PlatformVersion(2, 1, 1) } ?? false) == hasUpdates)
    }

    @Test func guestAddresses() {
        let networks = RawJSON(
            ArraySlice(
                #"""
                {"0/ip":"127.0.0.1 127.0.0.2","0/ipv4/0":"127.0.0.1","0/ipv4/1":"10.0.0.5","0/ipv4/3":"  ","0/ipv6/0":"::1 ::2","1/ip":"127.0.0.1","2/ipv5/0":"x"}
                """#.utf8))
        #expect(
            GuestAddresses.normalized(networks) == [
                "0/ipv4/0": "127.0.0.1", "0/ipv4/1": "127.0.0.2", "0/ipv4/2": "10.0.0.5",
                "0/ipv6/0": "::1", "0/ipv6/1": "::2", "1/ipv4/0": "127.0.0.1",
            ])
        #expect(GuestAddresses.main(networks) == "127.0.0.1 127.0.0.2")
    }

    @Test(arguments: [
        (#"{"0/ipv6/0":"fe80::1","1/ipv4/0":"10.0.0.1"}"#, "10.0.0.1"),
        (#"{"0/ipv6/0":"fe80::1"}"#, "fe80::1"), (#"{"0/ipv6/x":"fe80::1"}"#, nil), ("{}", nil),
    ])
    func mainAddress(networks: String, expected: String?) {
        #expect(GuestAddresses.main(RawJSON(ArraySlice(networks.utf8))) == expected)
    }

    @Test(arguments: [
        ("192.0.2.1", "https://192.0.2.1:443"), ("xen.example.org:8443", "https://xen.example.org:8443"),
        ("http://192.0.2.1", "http://192.0.2.1:80"), ("https://192.0.2.1/", "https://192.0.2.1:443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"), ("2001:db8::1", "https://[2001:db8::1]:443"),
        ("[2001:db8::1]:444", "https://[2001:db8::1]:444"), ("http://[::1]", "http://[::1]:80"),
    ])
    func addresses(text: String, url: String) throws { #expect(try PoolAddress(text).url == url) }

    @Test(arguments: ["", " ", "ftp://host", "host:0", "host:65536", "host:x", "a b", "host/path", "user@host", "[::1"])
    func badAddresses(text: String) { #expect(throws: PoolProblem.badAddress(text)) { try PoolAddress(text) } }

    @Test func backoffGrowsToAMinute() {
        var backoff = Backoff(base: .seconds(1))
        let delays = (0..<13).map { _ in backoff.delay() }
        #expect(delays == [.milliseconds(100)] + [1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 60, 60].map { .seconds($0) })
        backoff.reset()
        #expect(backoff.delay() == .milliseconds(100))
    }

    @Test func xml() {
        let document = XMLElement(
            parsing: "<?xml version='1.0'?><a x=\"1 &amp; 2\"><!-- no --><b>t&#65;</b><b/><c><![CDATA[<d>]]></c></a>")
        #expect(document?.json == ["x": "1 & 2", "b": ["tA", ""], "c": "<d>"])
        for broken in ["", "<a>", "<a></b>", "<a x=1/>", "<a>&unknown;</a>", "<a/><b/>", "text"] {
            #expect(XMLElement(parsing: broken) == nil)
        }
        #expect(XMLElement(parsing: String(repeating: "<a>", count: 100_000)) == nil)
    }
}

extension XMLElement: Equatable {
    public static func == (left: XMLElement, right: XMLElement) -> Bool { left.json == right.json }
}
