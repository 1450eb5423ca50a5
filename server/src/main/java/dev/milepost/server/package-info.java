/** The server: how to run it ({@link Main}) and how to embed it ({@link MilepostServer}). */
@NullMarked
package dev.milepost.server;

import org.jspecify.annotations.NullMarked;
