import XOJSON

extension Sampler {
    /// Parameters that fit the method's description.
    static func parameters(of method: CatalogueEntry) -> [UInt8] {
        guard let parameters = method.parameters else { return Array("{}".utf8) }
        return Sampler(.parameters).completed([:], ["properties": .object(parameters)]).serialized()
    }

    /// Parameters that are at the limits of the method's description, one after the other.
    static func parametersAtLimits(of method: CatalogueEntry) -> [[UInt8]] {
        guard let parameters = method.parameters else { return [] }
        let sampler = Sampler(.parameters)
        let schema: JSON = ["properties": .object(parameters)]
        return sampler.boundaries(sampler.completed([:], schema), schema).map { $0.value.serialized() }
    }

    /// Parameters of which one is of another type than the method's description demands, one after the other.
    static func parametersOfWrongTypes(of method: CatalogueEntry) -> [JSON] {
        guard let parameters = method.parameters else { return [] }
        let sampler = Sampler(.parameters)
        let schema: JSON = ["properties": .object(parameters)]
        return sampler.wrongTypes(sampler.completed([:], schema), schema).map(\.value)
    }
}
