package paint

import (
	"fmt"

	"github.com/seed8935e608/residua/wasm/proto"
)

// lab is what the Skip lab's scenes show: the page's messages and its state.
type lab struct {
	state      proto.ViewLabState
	words      map[string]string // the page's texts
	networks   []proto.ViewLabNetwork
	signal     []proto.ViewLayers // before training; nil: none yet
	last       []proto.ViewLayers // of the newest step; nil: none yet
	history    history
	landscapes [proto.MaxLabNetworks]*proto.ViewLandscape // nil: none yet
	paths      [proto.MaxLabNetworks]*proto.ViewPaths     // nil: none yet
}

// noLabState selects nothing.
var noLabState = proto.ViewLabState{
	Quantity: proto.QuantityOutputGradient, Surface: proto.SurfaceContours, Network: -1, Layer: -1, Step: -1,
}

// receive takes a message and gives the scene that it changes; "": all of the lab's. Numbers of networks that the run
// does not have are refused.
func (l *lab) receive(message proto.ViewMessage) (proto.ViewScene, error) {
	switch message := message.(type) {
	case *proto.ViewLab:
		state, words := l.state, l.words
		*l = lab{state: state, words: words, networks: message.Networks}
		l.history = newHistory(message.Networks)
		return "", nil
	case *proto.ViewSignal:
		if err := l.fits(message.Networks); err != nil {
			return proto.SceneSignal, err
		}
		l.signal = message.Networks
		return proto.SceneSignal, nil
	case *proto.ViewStep:
		if err := l.fits(message.Networks); err != nil {
			return proto.SceneHeat, err
		}
		l.last = message.Networks
		l.history.add(message)
		if l.state.Live {
			return "", nil
		}
		return proto.SceneHeat, nil
	case *proto.ViewLandscape:
		if message.Network >= len(l.networks) {
			return "", fmt.Errorf("paint: a landscape of network %d of %d", message.Network, len(l.networks))
		}
		l.landscapes[message.Network] = message
		return proto.SceneLandscape, nil
	case *proto.ViewPaths:
		if message.Network >= len(l.networks) {
			return "", fmt.Errorf("paint: paths of network %d of %d", message.Network, len(l.networks))
		}
		l.paths[message.Network] = message
		return proto.ScenePaths, nil
	}
	return "", fmt.Errorf("paint: a %T is not for the view", message)
}

// fits returns an error if there are not as many networks and layers as the run has.
func (l *lab) fits(networks []proto.ViewLayers) error {
	if len(networks) != len(l.networks) {
		return fmt.Errorf("paint: numbers of %d networks of %d", len(networks), len(l.networks))
	}
	for i, n := range networks {
		if got, want := len(n.Activations), len(l.networks[i].Layers); got != 0 && got != want {
			return fmt.Errorf("paint: network %d has numbers of %d layers of %d", i, got, want)
		}
	}
	return nil
}

// quantityOf is one of the lists of a network's layers.
func quantityOf(n *proto.ViewLayers, q proto.ViewQuantity) []float32 {
	switch q {
	case proto.QuantityActivation:
		return n.Activations
	case proto.QuantityWeightGradient:
		return n.WeightGradients
	}
	return n.OutputGradients
}

// heatQuantity is what the heat map shows; gradientQuantity is the gradient that the signal shows.
func (l *lab) heatQuantity() proto.ViewQuantity {
	if l.state.Quantity == proto.QuantityNone {
		return proto.QuantityOutputGradient
	}
	return l.state.Quantity
}

func (l *lab) gradientQuantity() proto.ViewQuantity {
	if l.state.Quantity == proto.QuantityWeightGradient {
		return proto.QuantityWeightGradient
	}
	return proto.QuantityOutputGradient
}

// newest is the signal that is shown: that of the newest step, or the one before training.
func (l *lab) newest() []proto.ViewLayers {
	if l.state.Live && l.last != nil {
		return l.last
	}
	return l.signal
}
