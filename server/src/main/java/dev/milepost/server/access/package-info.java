/** Who speaks, and who may do what. Pure but for the reading of credentials. */
@NullMarked
package dev.milepost.server.access;

import org.jspecify.annotations.NullMarked;
