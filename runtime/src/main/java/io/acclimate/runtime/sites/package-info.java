/**
 * Provides the places of a model where parameter-efficient tuning attaches, and the surgery that
 * hangs a sub-graph there.
 *
 * <p>{@link io.acclimate.runtime.sites.SiteFinder} finds each {@link
 * io.acclimate.runtime.sites.Site} of a graph by its structure; {@link
 * io.acclimate.runtime.sites.GraphSurgery} changes what flows through it, and {@link
 * io.acclimate.runtime.sites.WeightFolding} adds linear changes to the weights themselves.
 */
package io.acclimate.runtime.sites;
