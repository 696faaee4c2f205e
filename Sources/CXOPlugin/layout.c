/* The layout of every struct of the plugin protocol on LP64, and the value of every constant, pinned at compile time.
 *
 * Written by `make abi-accept`; see the compatibility policy in xo_plugin.h. Structs that begin with struct_size may
 * grow at their end, so only a lower bound of their size is pinned; the others are frozen.
 */
#include <assert.h>

#include "xo_plugin.h"

#if !defined(__LP64__)
#error "The plugin protocol supports LP64 targets only."
#endif

#define FROZEN(type, size) static_assert(sizeof(type) == (size), #type " is frozen at " #size " bytes")
#define SIZED(type, size) static_assert(sizeof(type) >= (size), #type " never shrinks below " #size " bytes")
#define FIELD(type, field, offset, size) \
    static_assert(offsetof(type, field) == (offset) && sizeof(((type *)0)->field) == (size), \
                  #type "." #field " stays at offset " #offset " with " #size " bytes")
#define CONSTANT(name, value) static_assert((name) == (value), #name " stays " #value)
#define TEXT(name, value) static_assert(__builtin_strcmp(name, value) == 0, #name " stays " #value)

SIZED(xo_auth, 56);
FIELD(xo_auth, struct_size, 0, 4);
FIELD(xo_auth, reserved, 4, 4);
FIELD(xo_auth, authenticate, 8, 8);
FIELD(xo_auth, begin, 16, 8);
FIELD(xo_auth, finish, 24, 8);
FIELD(xo_auth, lookup, 32, 8);
FIELD(xo_auth, end, 40, 8);
FIELD(xo_auth, page, 48, 8);

SIZED(xo_auth_host, 32);
FIELD(xo_auth_host, struct_size, 0, 4);
FIELD(xo_auth_host, reserved, 4, 4);
FIELD(xo_auth_host, ctx, 8, 8);
FIELD(xo_auth_host, offer, 16, 8);
FIELD(xo_auth_host, revoke, 24, 8);

FROZEN(xo_buf, 40);
FIELD(xo_buf, ptr, 0, 8);
FIELD(xo_buf, len, 8, 8);
FIELD(xo_buf, owner, 16, 8);
FIELD(xo_buf, release, 24, 8);
FIELD(xo_buf, flags, 32, 4);
FIELD(xo_buf, reserved, 36, 4);

FROZEN(xo_bytes, 16);
FIELD(xo_bytes, ptr, 0, 8);
FIELD(xo_bytes, len, 8, 8);

SIZED(xo_call, 80);
FIELD(xo_call, struct_size, 0, 4);
FIELD(xo_call, flags, 4, 4);
FIELD(xo_call, params, 8, 16);
FIELD(xo_call, caller, 24, 16);
FIELD(xo_call, objects, 40, 16);
FIELD(xo_call, deadline_ns, 56, 8);
FIELD(xo_call, trace_high, 64, 8);
FIELD(xo_call, trace_low, 72, 8);

SIZED(xo_call_options, 24);
FIELD(xo_call_options, struct_size, 0, 4);
FIELD(xo_call_options, reserved, 4, 4);
FIELD(xo_call_options, on_behalf_of, 8, 8);
FIELD(xo_call_options, deadline_ns, 16, 8);

SIZED(xo_calls, 16);
FIELD(xo_calls, struct_size, 0, 4);
FIELD(xo_calls, reserved, 4, 4);
FIELD(xo_calls, on_reply, 8, 8);

SIZED(xo_calls_host, 32);
FIELD(xo_calls_host, struct_size, 0, 4);
FIELD(xo_calls_host, reserved, 4, 4);
FIELD(xo_calls_host, ctx, 8, 8);
FIELD(xo_calls_host, call, 16, 8);
FIELD(xo_calls_host, cancel, 24, 8);

SIZED(xo_credentials, 56);
FIELD(xo_credentials, struct_size, 0, 4);
FIELD(xo_credentials, kind, 4, 4);
FIELD(xo_credentials, name, 8, 16);
FIELD(xo_credentials, secret, 24, 16);
FIELD(xo_credentials, address, 40, 16);

SIZED(xo_descriptor, 136);
FIELD(xo_descriptor, struct_size, 0, 4);
FIELD(xo_descriptor, flags, 4, 4);
FIELD(xo_descriptor, id, 8, 16);
FIELD(xo_descriptor, version, 24, 16);
FIELD(xo_descriptor, name, 40, 16);
FIELD(xo_descriptor, description, 56, 16);
FIELD(xo_descriptor, vendor, 72, 16);
FIELD(xo_descriptor, needs, 88, 8);
FIELD(xo_descriptor, needs_count, 96, 4);
FIELD(xo_descriptor, needs_stride, 100, 4);
FIELD(xo_descriptor, provides, 104, 8);
FIELD(xo_descriptor, provides_count, 112, 4);
FIELD(xo_descriptor, provides_stride, 116, 4);
FIELD(xo_descriptor, configuration_schema, 120, 16);

SIZED(xo_endpoint, 32);
FIELD(xo_endpoint, struct_size, 0, 4);
FIELD(xo_endpoint, port, 4, 4);
FIELD(xo_endpoint, address, 8, 16);
FIELD(xo_endpoint, backlog, 24, 4);
FIELD(xo_endpoint, reserved, 28, 4);

SIZED(xo_err, 24);
FIELD(xo_err, struct_size, 0, 4);
FIELD(xo_err, reserved, 4, 4);
FIELD(xo_err, ctx, 8, 8);
FIELD(xo_err, set, 16, 8);

SIZED(xo_events, 32);
FIELD(xo_events, struct_size, 0, 4);
FIELD(xo_events, reserved, 4, 4);
FIELD(xo_events, on_event, 8, 8);
FIELD(xo_events, on_gap, 16, 8);
FIELD(xo_events, on_unsubscribed, 24, 8);

SIZED(xo_events_host, 48);
FIELD(xo_events_host, struct_size, 0, 4);
FIELD(xo_events_host, reserved, 4, 4);
FIELD(xo_events_host, ctx, 8, 8);
FIELD(xo_events_host, subscribe, 16, 8);
FIELD(xo_events_host, grant, 24, 8);
FIELD(xo_events_host, unsubscribe, 32, 8);
FIELD(xo_events_host, publish, 40, 8);

SIZED(xo_host, 120);
FIELD(xo_host, struct_size, 0, 4);
FIELD(xo_host, major, 4, 2);
FIELD(xo_host, minor, 6, 2);
FIELD(xo_host, ctx, 8, 8);
FIELD(xo_host, name, 16, 16);
FIELD(xo_host, version, 32, 16);
FIELD(xo_host, instance_id, 48, 16);
FIELD(xo_host, data_dir, 64, 16);
FIELD(xo_host, get_extension, 80, 8);
FIELD(xo_host, log_enabled, 88, 8);
FIELD(xo_host, log, 96, 8);
FIELD(xo_host, complete, 104, 8);
FIELD(xo_host, is_cancelled, 112, 8);

SIZED(xo_http, 16);
FIELD(xo_http, struct_size, 0, 4);
FIELD(xo_http, reserved, 4, 4);
FIELD(xo_http, on_request, 8, 8);

FROZEN(xo_http_header, 32);
FIELD(xo_http_header, name, 0, 16);
FIELD(xo_http_header, value, 16, 16);

SIZED(xo_http_host, 40);
FIELD(xo_http_host, struct_size, 0, 4);
FIELD(xo_http_host, reserved, 4, 4);
FIELD(xo_http_host, ctx, 8, 8);
FIELD(xo_http_host, route_add, 16, 8);
FIELD(xo_http_host, route_remove, 24, 8);
FIELD(xo_http_host, respond, 32, 8);

SIZED(xo_http_request, 96);
FIELD(xo_http_request, struct_size, 0, 4);
FIELD(xo_http_request, reserved, 4, 4);
FIELD(xo_http_request, peer, 8, 8);
FIELD(xo_http_request, method, 16, 16);
FIELD(xo_http_request, path, 32, 16);
FIELD(xo_http_request, query, 48, 16);
FIELD(xo_http_request, headers, 64, 8);
FIELD(xo_http_request, header_count, 72, 4);
FIELD(xo_http_request, header_stride, 76, 4);
FIELD(xo_http_request, body, 80, 16);

SIZED(xo_http_response, 40);
FIELD(xo_http_response, struct_size, 0, 4);
FIELD(xo_http_response, status, 4, 4);
FIELD(xo_http_response, headers, 8, 8);
FIELD(xo_http_response, header_count, 16, 4);
FIELD(xo_http_response, header_stride, 20, 4);
FIELD(xo_http_response, body, 24, 16);

SIZED(xo_instance, 72);
FIELD(xo_instance, struct_size, 0, 4);
FIELD(xo_instance, reserved, 4, 4);
FIELD(xo_instance, data, 8, 8);
FIELD(xo_instance, setup, 16, 8);
FIELD(xo_instance, configure, 24, 8);
FIELD(xo_instance, start, 32, 8);
FIELD(xo_instance, stop, 40, 8);
FIELD(xo_instance, destroy, 48, 8);
FIELD(xo_instance, get_extension, 56, 8);
FIELD(xo_instance, cancel, 64, 8);

SIZED(xo_library, 56);
FIELD(xo_library, struct_size, 0, 4);
FIELD(xo_library, flags, 4, 4);
FIELD(xo_library, magic, 8, 8);
FIELD(xo_library, major, 16, 2);
FIELD(xo_library, minor_built, 18, 2);
FIELD(xo_library, host_minor_required, 20, 2);
FIELD(xo_library, reserved, 22, 2);
FIELD(xo_library, sdk, 24, 16);
FIELD(xo_library, descriptor, 40, 8);
FIELD(xo_library, create, 48, 8);

FROZEN(xo_listener, 8);
FIELD(xo_listener, id, 0, 8);

SIZED(xo_log_record, 40);
FIELD(xo_log_record, struct_size, 0, 4);
FIELD(xo_log_record, level, 4, 4);
FIELD(xo_log_record, message, 8, 16);
FIELD(xo_log_record, fields, 24, 16);

FROZEN(xo_message, 24);
FIELD(xo_message, token, 0, 8);
FIELD(xo_message, payload, 8, 16);

SIZED(xo_methods, 24);
FIELD(xo_methods, struct_size, 0, 4);
FIELD(xo_methods, reserved, 4, 4);
FIELD(xo_methods, catalog, 8, 8);
FIELD(xo_methods, invoke, 16, 8);

FROZEN(xo_metric, 8);
FIELD(xo_metric, id, 0, 8);

SIZED(xo_metric_definition, 72);
FIELD(xo_metric_definition, struct_size, 0, 4);
FIELD(xo_metric_definition, kind, 4, 4);
FIELD(xo_metric_definition, name, 8, 16);
FIELD(xo_metric_definition, help, 24, 16);
FIELD(xo_metric_definition, labels, 40, 16);
FIELD(xo_metric_definition, buckets, 56, 8);
FIELD(xo_metric_definition, bucket_count, 64, 4);
FIELD(xo_metric_definition, reserved, 68, 4);

SIZED(xo_metrics_host, 48);
FIELD(xo_metrics_host, struct_size, 0, 4);
FIELD(xo_metrics_host, reserved, 4, 4);
FIELD(xo_metrics_host, ctx, 8, 8);
FIELD(xo_metrics_host, define, 16, 8);
FIELD(xo_metrics_host, add, 24, 8);
FIELD(xo_metrics_host, set, 32, 8);
FIELD(xo_metrics_host, observe, 40, 8);

FROZEN(xo_object, 80);
FIELD(xo_object, id, 0, 16);
FIELD(xo_object, type, 16, 16);
FIELD(xo_object, pool, 32, 16);
FIELD(xo_object, ref, 48, 16);
FIELD(xo_object, record, 64, 16);

SIZED(xo_objects_host, 72);
FIELD(xo_objects_host, struct_size, 0, 4);
FIELD(xo_objects_host, reserved, 4, 4);
FIELD(xo_objects_host, ctx, 8, 8);
FIELD(xo_objects_host, source_open, 16, 8);
FIELD(xo_objects_host, snapshot_begin, 24, 8);
FIELD(xo_objects_host, snapshot_end, 32, 8);
FIELD(xo_objects_host, put, 40, 8);
FIELD(xo_objects_host, remove, 48, 8);
FIELD(xo_objects_host, source_status, 56, 8);
FIELD(xo_objects_host, source_close, 64, 8);

FROZEN(xo_op, 8);
FIELD(xo_op, id, 0, 8);

SIZED(xo_peer, 40);
FIELD(xo_peer, struct_size, 0, 4);
FIELD(xo_peer, flags, 4, 4);
FIELD(xo_peer, address, 8, 16);
FIELD(xo_peer, transport, 24, 16);

SIZED(xo_query, 16);
FIELD(xo_query, struct_size, 0, 4);
FIELD(xo_query, major_min, 4, 2);
FIELD(xo_query, major_max, 6, 2);
FIELD(xo_query, host_minor, 8, 2);
FIELD(xo_query, reserved_0, 10, 2);
FIELD(xo_query, reserved_1, 12, 4);

FROZEN(xo_route, 8);
FIELD(xo_route, id, 0, 8);

FROZEN(xo_session, 8);
FIELD(xo_session, id, 0, 8);

FROZEN(xo_source, 8);
FIELD(xo_source, id, 0, 8);

SIZED(xo_store, 16);
FIELD(xo_store, struct_size, 0, 4);
FIELD(xo_store, reserved, 4, 4);
FIELD(xo_store, on_store, 8, 8);

SIZED(xo_store_host, 48);
FIELD(xo_store_host, struct_size, 0, 4);
FIELD(xo_store_host, reserved, 4, 4);
FIELD(xo_store_host, ctx, 8, 8);
FIELD(xo_store_host, get, 16, 8);
FIELD(xo_store_host, put, 24, 8);
FIELD(xo_store_host, remove, 32, 8);
FIELD(xo_store_host, list, 40, 8);

FROZEN(xo_str, 16);
FIELD(xo_str, ptr, 0, 8);
FIELD(xo_str, len, 8, 8);

FROZEN(xo_sub, 8);
FIELD(xo_sub, id, 0, 8);

SIZED(xo_transport, 48);
FIELD(xo_transport, struct_size, 0, 4);
FIELD(xo_transport, reserved, 4, 4);
FIELD(xo_transport, on_answers, 8, 8);
FIELD(xo_transport, deliver, 16, 8);
FIELD(xo_transport, kick, 24, 8);
FIELD(xo_transport, on_http_response, 32, 8);
FIELD(xo_transport, on_listening, 40, 8);

SIZED(xo_transport_host, 80);
FIELD(xo_transport_host, struct_size, 0, 4);
FIELD(xo_transport_host, reserved, 4, 4);
FIELD(xo_transport_host, ctx, 8, 8);
FIELD(xo_transport_host, session_open, 16, 8);
FIELD(xo_transport_host, session_close, 24, 8);
FIELD(xo_transport_host, session_flow, 32, 8);
FIELD(xo_transport_host, dispatch, 40, 8);
FIELD(xo_transport_host, http, 48, 8);
FIELD(xo_transport_host, announce, 56, 8);
FIELD(xo_transport_host, listen, 64, 8);
FIELD(xo_transport_host, unlisten, 72, 8);

CONSTANT(XO_ACCEPTED, 1);
CONSTANT(XO_ALREADY_EXISTS, -3);
CONSTANT(XO_BUF_SECRET, 1);
CONSTANT(XO_BUSY, -7);
CONSTANT(XO_CALL_INTERNAL, 1);
CONSTANT(XO_CANCELLED, -8);
CONSTANT(XO_CREDENTIALS_PASSWORD, 0);
CONSTANT(XO_CREDENTIALS_TOKEN, 1);
CONSTANT(XO_DATA_CORRUPT, -13);
CONSTANT(XO_DEADLINE, -9);
CONSTANT(XO_FAILED_PRECONDITION, -11);
CONSTANT(XO_INTERNAL, -14);
CONSTANT(XO_INVALID_ARGUMENT, -1);
CONSTANT(XO_LOG_DEBUG, 1);
CONSTANT(XO_LOG_ERROR, 4);
CONSTANT(XO_LOG_HOST_MISBEHAVING, 5);
CONSTANT(XO_LOG_INFO, 2);
CONSTANT(XO_LOG_PLUGIN_MISBEHAVING, 6);
CONSTANT(XO_LOG_TRACE, 0);
CONSTANT(XO_LOG_WARNING, 3);
CONSTANT(XO_METRIC_COUNTER, 0);
CONSTANT(XO_METRIC_GAUGE, 1);
CONSTANT(XO_METRIC_HISTOGRAM, 2);
CONSTANT(XO_NOT_FOUND, -2);
CONSTANT(XO_OK, 0);
CONSTANT(XO_PEER_LOOPBACK, 2);
CONSTANT(XO_PEER_SECURE, 1);
CONSTANT(XO_PERMISSION_DENIED, -4);
CONSTANT(XO_PLUGIN_CONCURRENT, 1);
CONSTANT(XO_RESOURCE_EXHAUSTED, -12);
CONSTANT(XO_SOURCE_LIVE, 0);
CONSTANT(XO_SOURCE_STALE, 1);
CONSTANT(XO_STALE_HANDLE, -15);
CONSTANT(XO_STORE_SECRET, 1);
CONSTANT(XO_UNAUTHENTICATED, -5);
CONSTANT(XO_UNAVAILABLE, -6);
CONSTANT(XO_UNSUPPORTED, -10);
CONSTANT(XO_WRONG_STATE, -16);

CONSTANT(XO_ABI_MAJOR, 1);
TEXT(XO_AUTH_1, "xo.auth/1");
TEXT(XO_CALLS_1, "xo.calls/1");
TEXT(XO_EVENTS_1, "xo.events/1");
TEXT(XO_HTTP_1, "xo.http/1");
CONSTANT(XO_LIBRARY_MAGIC, 0x316e69676c504f58);
TEXT(XO_METHODS_1, "xo.methods/1");
TEXT(XO_METRICS_1, "xo.metrics/1");
TEXT(XO_OBJECTS_1, "xo.objects/1");
TEXT(XO_STORE_1, "xo.store/1");
TEXT(XO_TRANSPORT_1, "xo.transport/1");
