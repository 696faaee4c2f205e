import CXOPlugin
import Testing
import XOProtocol

@testable import XOHost

/// What an object belongs to, read out of records that their makers may have made to confuse.
@Suite struct ObjectParentsTests {
    @Test(
        arguments: [
            ("VM", #""$container":"h""#, ["h", "p"]),
            ("VM-controller", #""$container":"h""#, ["h", "p"]),
            ("VM-snapshot", #""$snapshot_of":"v","$container":"h""#, ["v", "p"]),
            ("VM-template", #""$container":"h""#, ["p"]),
            ("SR", #""$container":"h""#, ["h", "p"]),
            ("host", #""$host":"x""#, ["p"]),
            ("network", "", ["p"]),
            ("VDI", #""$VBDs":["a","b","a"],"$SR":"s""#, ["s", "a", "b", "p"]),
            ("VDI-snapshot", #""$snapshot_of":"d","$SR":"s","$VBDs":[]"#, ["d", "s", "p"]),
            ("VBD", #""VDI":"d","VM":"v","is_cd_drive":false"#, ["v", "d", "p"]),
            ("VBD", #""VDI":"d","VM":"v","is_cd_drive":true"#, ["v", "p"]),
            ("VIF", #""$network":"n","$VM":"v""#, ["v", "n", "p"]),
            ("PBD", #""host":"h","SR":"s""#, ["h", "s", "p"]),
            ("PIF", #""$host":"h""#, ["h", "p"]),
            ("PCI", #""$host":"h""#, ["h", "p"]),
            ("task", #""$host":"h","applies_to":"v""#, ["h", "v", "p"]),
            ("PUSB", #""host":"h""#, ["h", "p"]),
            ("USB_group", #""PUSBs":["u"]"#, ["u", "p"]),
            ("USB_group", #""PUSBs":["u","w"]"#, ["p"]),
            ("VUSB", #""vm":"v""#, ["v", "p"]),
            ("VTPM", #""vm":"v""#, ["v", "p"]),
            ("message", #""$object":"v""#, ["v", "p"]),
            ("something", #""$container":"h","VM":"v""#, ["p"]),
        ] as [(String, String, [String])])
    func whatCountsDependsOnTheType(_ type: String, _ members: String, _ parents: [String]) throws {
        #expect(try Self.parents(type, members) == parents)
    }

    @Test(
        arguments: [
            (#""$container":null"#, ["p"]),
            (#""$container":7"#, ["p"]),
            (#""$container":"""#, ["p"]),
            (#""$container":{"$container":"x"}"#, ["p"]),
            (#""$container":[["x"],{"a":"y"},null,"h"]"#, ["h", "p"]),
            // Not the object's own.
            (#""other":{"$container":"x","$pool":"y"},"list":[{"$container":"x"}]"#, ["p"]),
            (#""name_label":"\",\"$container\":\"x""#, ["p"]),
            (#""$Container":"x","$container ":"x","container":"x""#, ["p"]),
            // Whoever parses it takes the last one, and knows escapes.
            (#""$container":"x","$container":"h""#, ["h", "p"]),
            (#""\u0024container":"\u0068""#, ["h", "p"]),
            (#""$container":"h\u0000h""#, ["h\0h", "p"]),
            // Itself, and its pool once more.
            (#""$container":"o""#, ["p"]),
            (#""$container":"p""#, ["p"]),
            (#" "$container" : "h" , "x" : 1 "#, ["h", "p"]),
        ] as [(String, [String])])
    func recordsMayBeOdd(_ members: String, _ parents: [String]) throws {
        #expect(try Self.parents("VM", members) == parents)
    }

    @Test func thePoolIsThatOfTheSourceOrElseOfTheRecord() throws {
        #expect(try Self.parents("network", "", pool: "") == [])
        #expect(try Self.parents("network", #""$pool":"q""#, pool: "") == ["q"])
        #expect(try Self.parents("VM", #""$pool":"q","$container":"h""#, pool: "p") == ["h", "p"])
        #expect(try Self.parents("pool", "", id: "p") == [])
    }

    @Test func thereAreLimits() throws {
        let many = (0..<100_000).map { "\"v\($0)\"" }.joined(separator: ",")
        let parents = try Self.parents("VDI", "\"$VBDs\":[\(many)],\"$SR\":\"s\"")
        #expect(parents.count == ObjectParents.maximumCount)
        #expect(parents.first == "s")
        let deep = String(repeating: "[", count: 120) + String(repeating: "]", count: 120)
        #expect(try Self.parents("VM", "\"$container\":\(deep),\"x\":1") == ["p"])
    }

    private static func parents(
        _ type: String, _ members: String, id: String = "o", pool: String = "p"
    ) throws -> [String] {
        ObjectParents(of: try .test(id, type, pool: pool, members)).ids
    }
}

extension InventoryObject {
    /// - Parameter members: of the record, as text.
    static func test(_ id: String, _ type: String, pool: String = "p", _ members: String = "") throws -> InventoryObject
    {
        let record = Array("{\(members)}".utf8)
        return try id.withView { id in
            try type.withView { type in
                try pool.withView { pool in
                    try record.withView { record in
                        try InventoryObject(xo_object(id: id, type: type, pool: pool, ref: xo_str(), record: record))
                    }
                }
            }
        }
    }
}
