/** Delivers webhooks: checks addresses, sends messages, records results. */
@NullMarked
package dev.milepost.server.webhook;

import org.jspecify.annotations.NullMarked;
