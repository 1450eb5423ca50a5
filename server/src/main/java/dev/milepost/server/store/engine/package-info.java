/**
 * What stores on an engine of their own share, whatever the engine is: how updates wait, what a
 * group of them did, how listeners are told in one order, whose time decides. It knows no engine.
 */
@NullMarked
package dev.milepost.server.store.engine;

import org.jspecify.annotations.NullMarked;
