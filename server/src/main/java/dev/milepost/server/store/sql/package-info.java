/**
 * What the stores that keep jobs in tables share: groups of decisions, the tables themselves, and
 * how they are read. It knows SQL and no engine.
 */
@NullMarked
package dev.milepost.server.store.sql;

import org.jspecify.annotations.NullMarked;
