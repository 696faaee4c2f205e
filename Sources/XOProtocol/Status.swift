package import CXOPlugin

extension xo_status {
    package static let ok = xo_status(XO_OK)
    package static let accepted = xo_status(XO_ACCEPTED)
    package static let invalidArgument = xo_status(XO_INVALID_ARGUMENT)
    package static let notFound = xo_status(XO_NOT_FOUND)
    package static let busy = xo_status(XO_BUSY)
    package static let unavailable = xo_status(XO_UNAVAILABLE)
    package static let unsupported = xo_status(XO_UNSUPPORTED)
    package static let failedPrecondition = xo_status(XO_FAILED_PRECONDITION)
    package static let resourceExhausted = xo_status(XO_RESOURCE_EXHAUSTED)
    package static let `internal` = xo_status(XO_INTERNAL)
    package static let permissionDenied = xo_status(XO_PERMISSION_DENIED)
    package static let alreadyExists = xo_status(XO_ALREADY_EXISTS)
    package static let unauthenticated = xo_status(XO_UNAUTHENTICATED)
    package static let cancelled = xo_status(XO_CANCELLED)
    package static let deadline = xo_status(XO_DEADLINE)
    package static let dataCorrupt = xo_status(XO_DATA_CORRUPT)
    package static let staleHandle = xo_status(XO_STALE_HANDLE)
    package static let wrongState = xo_status(XO_WRONG_STATE)
}
