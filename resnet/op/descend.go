package op

import "github.com/seed8935e608/residua/resnet/kernel"

// SGD is a step of stochastic gradient descent with momentum, AdamW one of Adam with decoupled weight decay: their
// Descend takes the step for a parameter.
type (
	SGD   = kernel.SGD
	AdamW = kernel.AdamW
)
