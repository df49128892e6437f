package io.acclimate.actors.cluster;

/** What is sent from node to node, written as CBOR by Jackson. */
interface ClusterMessage {}
