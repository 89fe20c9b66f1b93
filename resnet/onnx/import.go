package onnx

import (
	"fmt"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/statedict"
	"github.com/seed8935e608/residua/weights"
)

// Network is a residual network that was found in an ONNX file.
type Network struct {
	Config  resnet.Config
	Tensors []weights.Tensor // under the names that resnet.Load expects
	// InputHeight and InputWidth are those of its input pictures; 0: the file leaves that side open.
	InputHeight, InputWidth int
	Activation              resnet.Activation // with which the graph ends, and which is dropped; "": none
	Metadata                map[string]string // of the file
}

// Import finds the residual network in an ONNX file that torchvision, timm or Export has written. It recognises the
// network by its graph and not by names: a stem, blocks of two branches that meet, a mean and a classifier. Batch norms
// may be separate nodes or folded into the convolutions; a convolution without a norm gets one that changes nothing.
// A file of Export's whose network has no shortcuts, no norms, another activation than ReLU or a linear layer on
// several blocks is read along the structure in its metadata. Weights are float32, float16 or bfloat16. The tensors
// alias b, except those that statedict.PadBehind copies.
//
// Import returns an error for a file with other operators or another kind of graph; the error names the node.
//
// A graph whose tensors are in other files needs ImportWith.
func Import(b []byte) (*Network, error) { return ImportWith(b, nil) }

// ImportWith is Import for a graph whose tensors may be in other files (external data), as torch.onnx.export writes
// them: model.onnx and model.onnx.data. open gives such a file by its name, which has no path, and nil for a file that
// does not exist. It is called once for each file. Tensors alias the file.
//
// If files do not exist, the error is a *MissingFileError.
func ImportWith(b []byte, open func(name string) ([]byte, error)) (*Network, error) {
	m, err := read(b, open)
	if err != nil {
		return nil, err
	}
	w, err := newWalker(m)
	if err != nil {
		return nil, err
	}
	structure, isDescribed := fromMetadata(m.metadata)
	var found *parts
	if isDescribed {
		found, err = w.follow(structure)
	} else {
		found, err = w.network()
		err = w.plainer(found, err)
	}
	if err != nil {
		return nil, err
	}
	n := &Network{InputHeight: found.height, InputWidth: found.width, Activation: found.activation,
		Metadata: m.metadata}
	if isDescribed {
		n.Config = structure
	} else if n.Config, err = found.config(); err != nil {
		return nil, err
	}
	if n.Tensors, err = found.tensors(n.Config); err != nil {
		return nil, err
	}
	if err := statedict.Verify(n.Config, n.Tensors); err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	before := map[string]int{}
	for i, spec := range n.Config.Blocks() {
		if b := found.blocks[i]; b.before > 0 {
			before[spec.Name] = b.before
		}
	}
	if len(before) > 0 {
		n.Tensors = statedict.PadBehind(n.Config, n.Tensors, func(b resnet.BlockSpec) int { return before[b.Name] })
	}
	return n, nil
}

// parts is a network as it was found in the graph.
type parts struct {
	height     int // of the pictures; 0: open
	width      int
	stem       convolution
	stemReLU   bool
	pooled     bool // max pooling follows the stem
	blocks     []block
	sharedNorm bool           // pre-activation: the first block's norm and ReLU were found as the stem's
	lastNorm   *normalisation // of a pre-activation network
	fc         classifier
	activation resnet.Activation // behind the classifier; "": none
}

// block is a residual block.
type block struct {
	at         node           // the node where its branches meet
	norm       *normalisation // of a pre-activation block, before F
	residual   []convolution
	projection *convolution
	pad        bool // the shortcut adds channels of zeros
	before     int  // how many of these come before the others
	join       resnet.Join
}

// convolution is a convolution and the norm that follows it.
type convolution struct {
	at                   node
	weight               tensor
	bias                 *tensor
	norm                 *normalisation
	in, out              int
	size, stride, groups int
	relu                 bool // ReLU follows
}

// normalisation is a batch norm.
type normalisation struct {
	at                           node
	weight, bias, mean, variance tensor
	epsilon                      float32
}

type classifier struct {
	weight     tensor
	transposed bool // the weights are In×Out
	bias       *tensor
}

// config derives the structure. What it overlooks shows when tensors compares attributes and shapes.
func (p *parts) config() (resnet.Config, error) {
	first := p.blocks[0]
	c := resnet.Config{
		Block: resnet.Basic, Stem: resnet.StemCIFAR, Join: first.join, Width: p.stem.out,
		PreActivation: first.norm != nil || p.sharedNorm, NormEpsilon: p.epsilon(),
	}
	if p.stem.size == 7 {
		c.Stem = resnet.StemImageNet
	}
	if p.pooled != (c.Stem == resnet.StemImageNet) {
		return c, fmt.Errorf("onnx: %v is %d×%[2]d, and max pooling follows: %v; a 7×7 with pooling and a 3×3 "+
			"without are known", p.stem.at, p.stem.size, p.pooled)
	}
	c.LinearStem = !p.stemReLU && !c.PreActivation
	for _, b := range p.blocks {
		if b.stride() == 2 && len(c.Layers) > 0 || len(c.Layers) == 0 {
			c.Layers = append(c.Layers, 0)
		}
		c.Layers[len(c.Layers)-1]++
		if b.pad {
			c.Shortcut = resnet.ShortcutPad
		}
	}
	out := first.residual[len(first.residual)-1].out
	if out%c.Width != 0 {
		return c, fmt.Errorf("onnx: the %d channels of %v are no multiple of the stem's %d", out, first.at, c.Width)
	}
	c.Expansion = out / c.Width
	if len(first.residual) == 3 {
		c.Block, c.StrideIn = resnet.Bottleneck, resnet.StrideIn3x3
		middle := first.residual[1]
		if width := statedict.GroupWidth(c.Width, middle.out/middle.groups); middle.groups != 1 || width != 64 {
			c.Groups, c.GroupWidth = middle.groups, width
		}
		for _, b := range p.blocks {
			if b.residual[0].stride == 2 {
				c.StrideIn = resnet.StrideIn1x1
			}
		}
	}
	c.NoLastNorm = !c.PreActivation
	for _, b := range p.blocks {
		last := b.residual[len(b.residual)-1]
		c.NoLastNorm = c.NoLastNorm && last.norm == nil && last.bias == nil
	}
	c.Classes = p.classes()
	if err := c.Check(); err != nil {
		return c, fmt.Errorf("onnx: the network in the graph is not supported: %w", err)
	}
	return c, nil
}

// classes is the number of the classifier's outputs; 0 before it was found.
func (p *parts) classes() int {
	switch {
	case p.fc.weight.Shape == nil:
		return 0
	case p.fc.transposed:
		return p.fc.weight.Shape[1]
	}
	return p.fc.weight.Shape[0]
}

// epsilon is the norms' ε. If all norms are folded any value will do, and it is PyTorch's.
func (p *parts) epsilon() float64 {
	for _, n := range p.norms() {
		return tidy(n.epsilon)
	}
	return 1e-5
}

// norms lists all batch norms of the graph.
func (p *parts) norms() []*normalisation {
	var all []*normalisation
	add := func(n *normalisation) {
		if n != nil {
			all = append(all, n)
		}
	}
	add(p.stem.norm)
	for _, b := range p.blocks {
		add(b.norm)
		for _, c := range b.residual {
			add(c.norm)
		}
		if b.projection != nil {
			add(b.projection.norm)
		}
	}
	add(p.lastNorm)
	return all
}

// stride is the block's stride.
func (b *block) stride() int {
	stride := 1
	for _, c := range b.residual {
		stride *= c.stride
	}
	return stride
}
