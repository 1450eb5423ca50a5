/** Authentication and authorization. */
@NullMarked
package dev.milepost.server.access;

import org.jspecify.annotations.NullMarked;
