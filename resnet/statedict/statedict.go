// Package statedict recognises residual networks in the state dicts of other programs. A state dict is a list of named
// tensors that does not describe the network, so the structure is derived from names and shapes.
//
// It knows the names of torchvision and timm (layer1.0.conv1.weight), of timm's pre-activation networks
// (stages.0.blocks.0.conv1.weight), of Hugging Face transformers
// (resnet.encoder.stages.0.layers.0.layer.0.convolution.weight), and of CIFAR networks in the style of He and others
// (layer2.0.shortcut.0.weight). Prefixes that wrappers add are passed over, whatever their words. Only PadBehind copies
// tensors.
package statedict

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/weights"
)

// Network is a residual network that was recognised.
type Network struct {
	Config  resnet.Config
	Dialect Dialect
	Tensors []weights.Tensor // under the names that resnet.Load expects
	Assumed []Assumption     // what neither tensors nor hints determine
}

// Hints is what other sources say about a network, such as a configuration file. Zero values are unknown.
type Hints struct {
	StrideIn    resnet.StrideIn
	NormEpsilon float64
}

// Assumption is a property that neither tensors nor hints determine: a code for programs, and the assumed value.
type Assumption struct {
	Code  string // such as AssumedStrideIn
	Value string
}

// The codes of assumptions about a network's structure and names.
const (
	// AssumedStrideIn: the convolution of a bottleneck that has the stride. Value is "3x3", as in torchvision.
	AssumedStrideIn = "stride-in"
	// AssumedNormEpsilon: the batch norms' epsilon. Value is "1e-05", PyTorch's default.
	AssumedNormEpsilon = "norm-epsilon"
	// AssumedLinearStem: the stem has no ReLU. Value is "true".
	AssumedLinearStem = "linear-stem"
	// AssumedPad: where a shortcut without weights puts the zeros of the new channels. Value is "behind" for after the
	// input's channels, or "both" for half before and half after.
	AssumedPad = "pad-shortcut"
	// AssumedBias: the classifier has no bias, which is taken as zero. Value is "0".
	AssumedBias = "no-bias"
	// AssumedPrefix: the names have a prefix, or a wrapper inside, which is passed over. Value is that, such as
	// "_orig_mod.".
	AssumedPrefix = "prefix"
	// AssumedClassifier: the linear layer that is taken for the classifier has no name of the dialect. Value is its
	// name, such as "model.head".
	AssumedClassifier = "classifier"
	// AssumedTraining: tensors of the training, such as an optimizer's, are left out. Value lists words of their
	// names.
	AssumedTraining = "training"
	// AssumedCopy: the same weights are there a second time. Value is the prefix of those that are left out.
	AssumedCopy = "copy"
)

// Read recognises a network. Errors name the tensor to blame as the file does. The result has been checked: every
// tensor of the structure exists in the right shape, none is left over but what belongs to training, and all values are
// finite.
func Read(f *weights.File, hints Hints) (*Network, error) {
	at, copies, err := locate(f)
	if err != nil {
		return nil, err
	}
	d := &dict{tensors: map[string]weights.Tensor{}, theirs: map[string]string{}}
	n := &Network{Dialect: at.dialect}
	var others []weights.Tensor
	wrapped := at.prefix
	for _, t := range f.Tensors() {
		inCopy := func(prefix string) bool { return strings.HasPrefix(t.Name, prefix) }
		if strings.HasSuffix(t.Name, counter) || slices.ContainsFunc(copies, inCopy) {
			continue
		}
		rest, ok := strings.CutPrefix(t.Name, at.prefix)
		plain, wrapper := unwrapped(rest)
		name := ""
		if ok {
			name, ok = at.dialect.rename(plain)
		}
		if !ok {
			others = append(others, t)
			continue
		}
		if wrapper != "" && wrapped == "" {
			wrapped = wrapper
		}
		if err := d.add(name, t); err != nil {
			return nil, err
		}
	}
	if wrapped != "" {
		n.assumed(AssumedPrefix, wrapped)
	}
	for _, prefix := range copies {
		n.assumed(AssumedCopy, prefix)
	}
	if err := d.place(others, at.prefix, n); err != nil {
		return nil, err
	}
	if err := d.structure(n, hints); err != nil {
		return nil, err
	}
	if err := d.verify(n.Config); err != nil {
		return nil, err
	}
	for _, name := range d.order {
		n.Tensors = append(n.Tensors, d.tensors[name])
	}
	if d.padsBothSides(n.Config) {
		n.Tensors = PadBehind(n.Config, n.Tensors, func(b resnet.BlockSpec) int { return (b.Out - b.In) / 2 })
	}
	return n, nil
}

// counter ends the names of PyTorch's batch counters, which only training uses.
const counter = ".num_batches_tracked"

// add adds a tensor under our name.
func (d *dict) add(name string, t weights.Tensor) error {
	if other, twice := d.theirs[name]; twice {
		err := fmt.Errorf("the tensors %.80q and %.80q have the same part in the network", other, t.Name)
		if strings.HasPrefix(name, "fc.") {
			err = fmt.Errorf("%w, the classifier, which must be one linear layer", err)
		}
		return err
	}
	d.theirs[name] = t.Name
	if name == "fc.weight" && is1x1(t.Shape) {
		t.Shape = t.Shape[:2] // in timm's pre-activation networks the classifier is a 1×1 convolution
	}
	t.Name = name
	d.order = append(d.order, name)
	d.tensors[name] = t
	return nil
}

// place deals with tensors that are not under the prefix or have no name of the dialect. A linear layer is the
// classifier, if the network has none; what belongs to training is left out.
func (d *dict) place(others []weights.Tensor, prefix string, n *Network) error {
	var rest []weights.Tensor
	var left []string
	for _, t := range others {
		if what, ok := ofTraining(t.Name, prefix); !ok {
			rest = append(rest, t)
		} else if !slices.Contains(left, what) {
			left = append(left, what)
		}
	}
	if layer, ok := asClassifier(rest); ok && !d.has("fc.weight") && !d.has("fc.bias") {
		for _, t := range rest {
			if err := d.add("fc"+t.Name[len(layer):], t); err != nil {
				return err
			}
		}
		n.assumed(AssumedClassifier, layer)
		rest = nil
	}
	if len(rest) > 0 {
		return d.foreign(rest, prefix)
	}
	if len(left) > 0 {
		n.assumed(AssumedTraining, strings.Join(left[:min(len(left), 5)], ", "))
	}
	return nil
}

// Verify returns an error unless the tensors are exactly those of a network with the structure c: the same names and
// shapes, finite values, and no negative variance. It allocates little.
func Verify(c resnet.Config, tensors []weights.Tensor) error {
	d := &dict{tensors: map[string]weights.Tensor{}, theirs: map[string]string{}}
	for _, t := range tensors {
		d.tensors[t.Name], d.theirs[t.Name] = t, t.Name
		d.order = append(d.order, t.Name)
	}
	return d.verify(c)
}

// dict is a state dict under our names.
type dict struct {
	order   []string // our names, in the file's order
	tensors map[string]weights.Tensor
	theirs  map[string]string // our name → the file's, for error messages
}

func (d *dict) has(name string) bool {
	_, ok := d.tensors[name]
	return ok
}

// shape gives the shape of a tensor with dims dimensions, none of which is zero.
func (d *dict) shape(name string, dims int) ([]int, error) {
	t, ok := d.tensors[name]
	if !ok {
		return nil, fmt.Errorf("the file has no tensor for %s", name)
	}
	if len(t.Shape) != dims {
		return nil, fmt.Errorf("tensor %.80q has the shape %v; a residual network's has %d dimensions there",
			d.theirs[name], t.Shape, dims)
	}
	for _, n := range t.Shape {
		if n < 1 {
			return nil, fmt.Errorf("tensor %.80q has the shape %v, so it holds nothing", d.theirs[name], t.Shape)
		}
	}
	return t.Shape, nil
}
