/* xo_plugin.h - the protocol between the host daemon (xo-host) and its plugins.
 *
 * A plugin is a shared library that exports one function, xo_plugin_entry (see xo/core.h), and imports nothing from
 * the host. Everything else is reached through tables: the host hands its table to the plugin at creation, and either
 * side asks the other for further tables by a string id with a revision, such as "xo.methods/1".
 *
 *   xo/base.h       words that all tables use: status, views, buffers, handles, threads
 *   xo/core.h       entry, library, descriptor, host, instance; the life cycle
 *   xo/methods.h    xo.methods/1    the JSON-RPC methods that a plugin offers
 *   xo/calls.h      xo.calls/1      calling methods of the host and of other plugins
 *   xo/objects.h    xo.objects/1    publishing objects into the inventory
 *   xo/events.h     xo.events/1     publish and subscribe
 *   xo/http.h       xo.http/1       answering HTTP requests that a transport brings in
 *   xo/transport.h  xo.transport/1  bringing sessions and requests in
 *   xo/store.h      xo.store/1      small durable data
 *   xo/metrics.h    xo.metrics/1    counters, gauges, histograms
 *
 * C11, also valid C++17; no dependency but <stddef.h> and <stdint.h>. Supported: LP64 Linux on x86-64 and aarch64.
 *
 * COMPATIBILITY POLICY
 *
 *  1. A plugin built against minor version m of a major version runs, without being rebuilt, on every host of the same
 *     major whose minor is at least the plugin's host_minor_required.
 *  2. Every table and struct begins with its size. A reader uses a field only if it lies wholly inside the announced
 *     size and otherwise takes the field's documented default. New fields and slots go to the end; none is ever
 *     reordered, resized, renamed, retyped or removed. Never copy a table by value: it may be shorter than your type.
 *     Exceptions, frozen for ever: xo_str, xo_bytes, xo_buf and the handles, which are passed by value; xo_object and
 *     xo_http_header, which come in arrays (whose stride is passed all the same).
 *  3. Semantics are frozen like layouts: lifetimes, thread classes, preconditions, defaults, nullability. A new meaning
 *     is a new revision of the extension, with a new id; the host keeps serving the old one.
 *  4. No function ever gains a parameter. Arguments that may grow travel in a sized struct or in a JSON payload.
 *  5. Status codes and JSON members are open sets: an unknown negative status is an internal error, an unknown positive
 *     one is success, unknown JSON members are ignored. Flag sets may gain bits whose absence means what it meant
 *     before; a reader ignores bits that it does not know. Other enumerations that flow from the host to a plugin never
 *     gain values inside a revision.
 *  6. Every function slot may be NULL unless its contract says "mandatory"; the host refuses to load a plugin that
 *     lacks a mandatory slot, and a plugin must check slots that it did not require by minor version.
 *  7. Released means: present in a tagged release. Until 1.0 is tagged, this header may change.
 *
 * WHAT MAKES A PLUGIN PLACEABLE
 *
 *  Every host function is local (answered at once from the host's memory), one-way (queued; failure is reported later,
 *  if at all) or asynchronous (accepted, completed later by a callback that carries the caller's token or operation).
 *  None waits for an answer. So the same library can run inside the daemon or in a process of its own and cannot tell the
 *  difference. Who hands in more than the host can take is slowed down to the host's pace, in either placement.
 */
#ifndef XO_PLUGIN_H
#define XO_PLUGIN_H

#include "xo/base.h"
#include "xo/core.h"
#include "xo/methods.h"
#include "xo/calls.h"
#include "xo/objects.h"
#include "xo/events.h"
#include "xo/http.h"
#include "xo/transport.h"
#include "xo/store.h"
#include "xo/metrics.h"
#include "xo/auth.h"

#endif
