/** Where the server is and who calls it: options, environment and contexts. */
@NullMarked
package dev.milepost.cli.connection;

import org.jspecify.annotations.NullMarked;
