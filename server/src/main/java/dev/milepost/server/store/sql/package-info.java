/**
 * What stores share that keep jobs in SQL tables: groups of updates, the tables, and the reads. It
 * names no engine.
 */
@NullMarked
package dev.milepost.server.store.sql;

import org.jspecify.annotations.NullMarked;
