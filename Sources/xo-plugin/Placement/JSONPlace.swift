import XOJSON

/// A place inside of a JSON value; the value itself if it has no steps.
struct JSONPlace {
    /// One level further in.
    enum Step {
        case member(String)
        case element(Int)
    }

    private var steps: [Step] = []

    /// The same place in a value that is at this step of another one.
    func inside(_ step: Step) -> JSONPlace {
        var outer = self
        outer.steps.insert(step, at: 0)
        return outer
    }

    /// What is there in some value, or as near as one gets.
    func value(in json: JSON) -> JSON {
        steps.reduce(json) { value, step in
            switch step {
            case .member(let name): value[name] ?? .null
            case .element(let index): value[index] ?? .null
            }
        }
    }

    /// Such as `error.data[0]`; empty for the value itself.
    var description: String {
        steps.reduce("") { text, step in
            switch step {
            case .member(let name): text.isEmpty ? name : "\(text).\(name)"
            case .element(let index): "\(text)[\(index)]"
            }
        }
    }
}
