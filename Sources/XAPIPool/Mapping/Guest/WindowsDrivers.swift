import XOJSON

/// Windows drivers with the hole of Xen security advisory 468.
enum WindowsDrivers {
    /// The newest version of each driver that still has the hole, by vendor.
    private static let vulnerable: [String: [String: [Int]]] = [
        "Xen_Project": ["xencons": [9, 1, 0, 2], "xeniface": [9, 1, 0, 0], "xenbus": [9, 1, 0, 1]],
        "Amazon_Inc_": ["xeniface": [8, 3, 0]],
        "XenServer": ["xeniface": [9, 1, 12, 93], "xenbus": [9, 1, 11, 114]],
        "Citrix": ["xeniface": [9, 1, 1, 11], "xenbus": [9, 1, 2, 14]],
        "XCP_ng": [
            "xencons": [9, 0, 9048, 9047], "xeniface": [9, 0, 9048, 9047], "xenbus": [9, 0, 9048, 9047],
        ],
    ]

    /// The driver that is too old; `false` if there is none or this is no Windows guest.
    static func vulnerability(of source: Source) -> JSON {
        guard source.text("device_id", of: "platform") == "0002", let guest = source.guestMetrics,
            guest["PV_drivers_detected"]?.isTruthy == true
        else { return false }
        var wasCompared = false
        for (driver, value) in guest["PV_drivers_version"]?.members ?? [] {
            guard !["major", "minor", "micro", "build"].contains(driver), let text = value.string else { continue }
            let parts = text.split(separator: " ")
            guard parts.count == 2, let limit = vulnerable[String(parts[0])]?[driver],
                let version = numbers(parts[1])
            else { continue }
            wasCompared = true
            if !limit.precedes(version) {
                return [
                    "reason": "pv-driver-version-vulnerable", "driver": .string(driver), "version": .string(text),
                ]
            }
        }
        return wasCompared ? false : ["reason": "no-pv-drivers-detected"]
    }

    private static func numbers(_ version: Substring) -> [Int]? {
        let parts = version.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        let numbers = parts.compactMap { $0 }
        return numbers.count == parts.count ? numbers : nil
    }
}

extension [Int] {
    /// Compares versions; missing pieces count as 0.
    fileprivate func precedes(_ other: [Int]) -> Bool {
        for index in 0..<Swift.max(count, other.count) {
            let (mine, its) = (index < count ? self[index] : 0, index < other.count ? other[index] : 0)
            if mine != its { return mine < its }
        }
        return false
    }
}
