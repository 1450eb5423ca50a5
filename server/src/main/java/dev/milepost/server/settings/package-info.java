/** The settings of a server as plain, validated values: defaults, files, environment, flags. */
@NullMarked
package dev.milepost.server.settings;

import org.jspecify.annotations.NullMarked;
