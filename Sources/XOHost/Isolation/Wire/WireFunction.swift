// Frames carry the calls of the protocol's tables one to one. A function's number is its table, in the upper byte, and
// its slot in it: the offset divided by eight, which never changes, because tables only grow at their end. Both processes
// run the same executable, so the tables' numbers need no negotiation.

/// Functions of the plugin, called by the host.
enum PluginFunction: UInt16 {
    case configure = 0x0003
    case start = 0x0004
    case stop = 0x0005
    case destroy = 0x0006
    case cancel = 0x0008
    case invoke = 0x0102
    case onReply = 0x0201
    case onEvent = 0x0401
    case onGap = 0x0402
    case onUnsubscribed = 0x0403
    case onRequest = 0x0501
    case onAnswers = 0x0601
    case deliver = 0x0602
    case kick = 0x0603
    case onHTTPResponse = 0x0604
    case onListening = 0x0605
    case onStore = 0x0701
    case authenticate = 0x0901
    case authBegin = 0x0902
    case authFinish = 0x0903
    case authLookup = 0x0904
    case authEnd = 0x0905
    case authPage = 0x0906

    /// Before the instance exists: what to load and as what.
    case begin = 0xFF01
    /// Make the instance and set it up.
    case create = 0xFF02
    /// Say when the function that got this operation has returned and the lane is free.
    case probe = 0xFF03
    /// Log records below this level are not wanted.
    case logLevel = 0xFF04
}

/// Functions of the host, called by the plugin.
enum HostFunction: UInt16 {
    case log = 0x000C
    case complete = 0x000D
    case call = 0x0202
    case cancelCall = 0x0203
    case sourceOpen = 0x0302
    case snapshotBegin = 0x0303
    case snapshotEnd = 0x0304
    case put = 0x0305
    case remove = 0x0306
    case sourceStatus = 0x0307
    case sourceClose = 0x0308
    case subscribe = 0x0402
    case grant = 0x0403
    case unsubscribe = 0x0404
    case publish = 0x0405
    case routeAdd = 0x0502
    case routeRemove = 0x0503
    case respond = 0x0504
    case sessionOpen = 0x0602
    case sessionClose = 0x0603
    case sessionFlow = 0x0604
    case dispatch = 0x0605
    case http = 0x0606
    case announce = 0x0607
    case listen = 0x0608
    case unlisten = 0x0609
    case storeGet = 0x0702
    case storePut = 0x0703
    case storeRemove = 0x0704
    case storeList = 0x0705
    case metricDefine = 0x0802
    case metricAdd = 0x0803
    case metricSet = 0x0804
    case metricObserve = 0x0805
    case authOffer = 0x0902
    case authRevoke = 0x0903

    /// The library is loaded: what it says of itself.
    case loaded = 0xFF01
    /// The instance is set up: what it offers.
    case created = 0xFF02
    /// One of the two did not work: the reason.
    case failed = 0xFF03
    /// The transport has taken a notification; for which sessions.
    case delivered = 0xFF04
    /// The answer to `probe`.
    case returned = 0xFF05
}
