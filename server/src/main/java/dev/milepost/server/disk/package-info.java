/** Files that only the server's own account may read, and the free space of their disk. */
@NullMarked
package dev.milepost.server.disk;

import org.jspecify.annotations.NullMarked;
