/**
 * Between bytes and messages: decodes requests strictly, and turns every failure of the transport
 * into an error of the contract.
 */
@NullMarked
package dev.milepost.server.wire;

import org.jspecify.annotations.NullMarked;
