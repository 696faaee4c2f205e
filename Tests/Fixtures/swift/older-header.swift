import CXOPlugin

// Built against a header whose tables are shorter, as an older one's were. It has the Swift runtime describe their types
// before anybody else does, and offers nothing.
@c(xo_plugin_entry)
public func entry(_ query: UnsafePointer<xo_query>) -> UnsafePointer<xo_library>? {
    let types: [Any.Type] = [
        xo_library.self, xo_descriptor.self, xo_host.self, xo_instance.self, xo_methods.self, xo_calls_host.self,
        xo_calls.self, xo_objects_host.self, xo_events_host.self, xo_events.self, xo_http_host.self, xo_http.self,
        xo_transport_host.self, xo_transport.self, xo_store_host.self, xo_store.self, xo_metrics_host.self,
    ]
    return types.isEmpty ? UnsafePointer(bitPattern: 8) : nil
}
