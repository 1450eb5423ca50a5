/** The command line of Milepost: what people and scripts do with jobs, by the client SDK alone. */
@NullMarked
package dev.milepost.cli;

import org.jspecify.annotations.NullMarked;
