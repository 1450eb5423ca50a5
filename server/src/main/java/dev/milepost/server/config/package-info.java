/** Settings and wiring: the only room that knows Guice, and where the server starts. */
@NullMarked
package dev.milepost.server.config;

import org.jspecify.annotations.NullMarked;
