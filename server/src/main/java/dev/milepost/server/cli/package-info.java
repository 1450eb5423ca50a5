/** The commands of the server program beside serving: {@code copy} and {@code token}. */
@NullMarked
package dev.milepost.server.cli;

import org.jspecify.annotations.NullMarked;
