package train

import (
	"slices"

	"github.com/seed8935e608/residua/resnet"
)

// kindsHere picks the networks to compare with the reference's differences. A browser takes several times as long as
// the native test of all. What leads from layer to layer is the same code, and resnet/op holds the layers that differ
// to their definitions here too. So with ReLU there are all joins and ways to norm, and each other activation has two
// networks: residual ones, with norms and without.
func kindsHere(all []kind) []kind {
	return slices.DeleteFunc(all, func(k kind) bool {
		residual := k.config.Join == resnet.JoinAdd && !k.config.PreActivation
		return k.config.Activation != resnet.ActivationReLU && !residual
	})
}
