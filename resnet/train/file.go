package train

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/weights"
)

// File gives the network as a model file: its weights and running statistics under torchvision's names, float32, with
// its Config and the card. The card's shape of pictures has to be the network's. resnet.LoadFile takes it; so does
// PyTorch's load_state_dict, once it is written (weights.File.Write). Weights that are not finite are an error.
func (n *Net) File(card weights.Card) (*weights.File, error) {
	if h, w := card.Shape(); h != n.in.H || w != n.in.W {
		return nil, fmt.Errorf("train: the card is for pictures of %d×%d, the network's are %d×%d", h, w,
			n.in.H, n.in.W)
	}
	if labels := len(card.Labels); labels != 0 && labels != n.Config.Classes {
		return nil, fmt.Errorf("train: the card has %d labels for %d classes", labels, n.Config.Classes)
	}
	text, err := card.Encode()
	if err != nil {
		return nil, err
	}
	config, err := json.Marshal(n.Config)
	if err != nil {
		return nil, err
	}
	of := map[string]*Param{}
	for _, p := range slices.Concat(n.params, n.statistics) {
		of[p.Name] = p
	}
	var tensors []weights.Tensor
	for _, spec := range n.Config.Tensors() {
		tensor, err := weights.NewTensor(spec.Name, weights.F32, spec.Shape, of[spec.Name].torch(of[spec.Name].Value))
		if err != nil {
			return nil, err
		}
		tensors = append(tensors, tensor)
	}
	return weights.NewFile(map[string]string{weights.CardKey: text, weights.ConfigKey: string(config)}, tensors)
}

// Open makes a network of a model file's weights, to train it further: the way back of File. Of the options Height and
// Width may be 0, for the card's; Init, ZeroLast and Seed matter only for a new linear layer, if Classes asks for one.
func Open(f *weights.File, o Options) (*Net, error) {
	c, card, err := resnet.Describe(f)
	if err != nil {
		return nil, err
	}
	if o.Height == 0 && o.Width == 0 {
		o.Height, o.Width = card.Shape()
	}
	fresh := o.Classes != 0
	if fresh {
		c.Classes = o.Classes
	}
	o.ZeroLast = false
	n, err := newNet(c, o)
	if err != nil {
		return nil, err
	}
	for _, p := range slices.Concat(n.params, n.statistics) {
		if fresh && (p == n.fc || p == n.fcBias) {
			continue
		}
		tensor, ok := f.Tensor(p.Name)
		if !ok || !slices.Equal(tensor.Shape, p.Shape) {
			return nil, fmt.Errorf("train: the model file has no tensor %s of the shape %v", p.Name, p.Shape)
		}
		values, err := tensor.AppendFloat32(nil)
		if err != nil {
			return nil, err
		}
		p.setTorch(p.Value, values)
	}
	if fresh {
		uniform(drawing(o.Seed, n.fc.Name), n.fc.Value, n.fc.Shape[1])
		uniform(drawing(o.Seed, n.fcBias.Name), n.fcBias.Value, n.fc.Shape[1])
	}
	return n, nil
}
