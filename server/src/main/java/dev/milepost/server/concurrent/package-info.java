/** Small helpers for threads, used by every other package of the server that starts some. */
@NullMarked
package dev.milepost.server.concurrent;

import org.jspecify.annotations.NullMarked;
