/**
 * Provides streams that live on several machines: each node of a cluster runs one runtime on the
 * same model, and a stream lives on one of them. When a node joins or is lost, streams move with
 * what they have learned.
 *
 * <p>{@link io.acclimate.actors.cluster.ClusterRuntime} is the entry. The only package that needs
 * Akka Cluster; who uses it adds {@code akka-cluster-sharding-typed} and {@code
 * akka-serialization-jackson} to the dependencies.
 */
package io.acclimate.actors.cluster;
