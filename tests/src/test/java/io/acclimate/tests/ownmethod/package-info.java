/** A method that a user adds, as CONTRIBUTING says, checked by the published contract. */
package io.acclimate.tests.ownmethod;
