import CXOPlugin
import Testing
import XOJSON

/// Every known way to be somebody else. Each message is refused, for the reason for which it must be.
@Suite struct AttackTests {
    @Test(arguments: Forgery.wrapping) func wrapping(_ forgery: Forgery) async throws { try await refuse(forgery) }
    @Test(arguments: Forgery.identifiers) func identifiers(_ forgery: Forgery) async throws {
        try await refuse(forgery)
    }
    @Test(arguments: Forgery.signatures) func signatures(_ forgery: Forgery) async throws { try await refuse(forgery) }
    @Test(arguments: Forgery.algorithms) func algorithms(_ forgery: Forgery) async throws { try await refuse(forgery) }
    @Test(arguments: Forgery.references) func references(_ forgery: Forgery) async throws { try await refuse(forgery) }
    @Test(arguments: Forgery.voidCanonicalization) func voidCanonicalization(_ forgery: Forgery) async throws {
        try await refuse(forgery)
    }
    @Test(arguments: Forgery.parsing) func parsing(_ forgery: Forgery) async throws { try await refuse(forgery) }
    @Test(arguments: Forgery.texts) func texts(_ forgery: Forgery) async throws { try await refuse(forgery) }
    @Test(arguments: Forgery.protocols) func protocols(_ forgery: Forgery) async throws { try await refuse(forgery) }
    @Test(arguments: Forgery.encryption) func encryption(_ forgery: Forgery) async throws { try await refuse(forgery) }

    private func refuse(_ forgery: Forgery) async throws {
        try await Service.run(forgery.configuration) { service in
            let begun = try await service.begin()
            let message = try forgery.make(Draft(begun.request))
            let answer = try await service.finish(message, memory: begun.memory)
            #expect(answer.status == xo_status(XO_UNAUTHENTICATED))
            #expect(answer.message.contains("is refused: \(forgery.reason): "), "\(answer.message)")
            #expect(answer.value["subject"] == nil)
            #expect(!SilentListener.shared.wasDisturbed, "something has been fetched")
            // The same service still takes what is right.
            if forgery.configuration.isEmpty {
                let again = try await service.begin()
                #expect(try await service.finish(Draft(again.request).xml(), memory: again.memory).status == 0)
            }
        }
    }
}
