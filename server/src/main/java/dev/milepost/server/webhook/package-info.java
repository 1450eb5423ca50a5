/** Delivers webhooks: who may be reached, what is sent, and what became of it. */
@NullMarked
package dev.milepost.server.webhook;

import org.jspecify.annotations.NullMarked;
