/** HTTP: the RPCs as JSON and event streams, pages for operators, and files for browsers. */
@NullMarked
package dev.milepost.server.http;

import org.jspecify.annotations.NullMarked;
