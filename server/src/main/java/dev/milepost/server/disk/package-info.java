/** Files that only the server's own account may read. */
@NullMarked
package dev.milepost.server.disk;

import org.jspecify.annotations.NullMarked;
