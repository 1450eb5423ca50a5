/**
 * The services over HTTP and JSON: finds the RPC of a request by its {@code google.api.http} rule,
 * and writes responses as JSON, server-sent events or lines of JSON.
 */
@NullMarked
package dev.milepost.server.http.transcode;

import org.jspecify.annotations.NullMarked;
