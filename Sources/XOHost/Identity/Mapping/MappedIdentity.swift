import XOJSON

/// Who a provider's person is to be here, and why.
struct MappedIdentity: Sendable {
    struct Group: Sendable, Hashable {
        /// Names it among the provider's groups.
        let id: String
        let name: String
    }

    /// The name of the user.
    let name: String
    /// Whether the rules let the person in.
    let isAllowed: Bool
    /// `nil`: the rules do not say, and what an administrator has set stays.
    let permission: Permission?
    let groups: [Group]
    /// What led to it, a sentence each.
    let reasons: [String]

    var json: JSON {
        [
            "name": .string(name), "allowed": .bool(isAllowed),
            "permission": permission.map { .string($0.rawValue) } ?? .null,
            "groups": .array(groups.map { ["id": .string($0.id), "name": .string($0.name)] }),
            "reasons": JSON(reasons),
        ]
    }
}

extension IdentityRules {
    /// Applies the rules. The same voucher always gives the same.
    func map(_ voucher: Voucher) -> MappedIdentity {
        var reasons: [String] = []
        let name = name.text(for: voucher) ?? voucher.name
        if name != voucher.name { reasons.append("the name is \(name), by the template") }

        var groups: [MappedIdentity.Group] = []
        func add(_ id: String, _ name: String) {
            if !groups.contains(where: { $0.id == id }) { groups.append(.init(id: id, name: name)) }
        }
        if takesAllGroups {
            for group in voucher.groups { add(group.id, group.name) }
            reasons.append("all \(voucher.groups.count) groups of the provider are taken over")
        }
        let mustBeAllowed = rules.contains(where: \.allows)
        var isAllowed = !mustBeAllowed
        var granted: Permission?
        for (index, rule) in rules.enumerated() {
            for value in voucher.values(of: rule.claim) {
                guard let captures = rule.pattern.captures(in: value) else { continue }
                var effects: [String] = []
                if rule.allows {
                    isAllowed = true
                    effects.append("lets in")
                }
                if let permission = rule.permission {
                    granted = max(granted ?? .none, permission)
                    effects.append("gives the permission \(permission.rawValue)")
                }
                if let group = rule.group {
                    if let text = group.text(for: voucher, captures: captures), !text.isEmpty {
                        // A group of that name at the provider keeps its identity when it is renamed.
                        let same = voucher.groups.first { $0.name == text && rule.claim == "groups" && value == text }
                        add(same?.id ?? "rule:\(text)", text)
                        effects.append("puts into the group \(text)")
                    } else {
                        effects.append("names a group by claims that are missing or have several values")
                    }
                }
                reasons.append(
                    "rule \(index + 1) (\(rule.text)) matches \(rule.claim) = \(value): "
                        + effects.joined(separator: ", "))
            }
        }
        if !isAllowed { reasons.append("no rule with `allow` matches: the person is kept out") }
        let saysPermission = permission != .none || rules.contains { $0.permission != nil }
        var permission = saysPermission ? max(granted ?? .none, self.permission) : nil
        if permission == .admin, !voucher.areGroupsKnown {
            // One who was an administrator need not be one any more.
            permission = .write
            reasons.append("the groups could not be found out this time: nobody becomes an administrator by them")
        }
        return MappedIdentity(
            name: name, isAllowed: isAllowed, permission: permission, groups: groups, reasons: reasons)
    }
}
