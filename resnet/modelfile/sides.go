package modelfile

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/statedict"
	"github.com/seed8935e608/residua/weights"
)

// maxSide is the largest file beside the weights that is read, in bytes: ten times the size of ImageNet-21k's names.
const maxSide = 4 << 20

// about is what the side files say of a network. Unknown fields are zero.
type about struct {
	hints      statedict.Hints
	block      resnet.Block
	labels     []string // of a config.json
	labelsFrom string   // the name of that file
	lists      []labelList
	index      *weights.Index
	pictures   *pictures
	source     string
	indexFile  string
	all        []string // the names of all files
	unread     []string // of those that are not understood

	activation activation

	// graphSize is the input size of an ONNX graph.
	graphSize int
}

// pictures describes how pictures are prepared.
type pictures struct {
	size, shortSide int
	squash          bool // the whole picture is resized to a square
	interpolation   string
	rescale         float32
	mean, std       []float32
}

func readSides(sides []Side) (*about, error) {
	a := &about{}
	for _, s := range sides {
		a.all = append(a.all, s.Name)
		understood, err := a.read(s)
		if err != nil {
			return nil, fmt.Errorf("%.80q: %w", s.Name, err)
		}
		if !understood {
			a.unread = append(a.unread, s.Name)
		}
	}
	return a, nil
}

// read recognises a file by its content, and reads it. It returns false for a file that says nothing of a network.
func (a *about) read(s Side) (understood bool, err error) {
	if len(s.Data) > maxSide {
		return false, nil
	}
	content, ok := decoded(s.Data)
	if !ok {
		return false, nil
	}
	text, ok := jsonOf(content)
	if !ok {
		labels, isCertain := textLabels(s.Name, content)
		if labels != nil {
			a.keep(s.Name, labels, isCertain)
		}
		return labels != nil, nil
	}
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(text, &fields) // a list has none
	has := func(names ...string) bool {
		for _, name := range names {
			if _, ok := fields[name]; ok {
				return true
			}
		}
		return false
	}
	switch {
	case has("weight_map"):
		index, err := weights.ParseIndex(text)
		if err != nil || a.index != nil || !ofSafetensors(index) {
			return false, nil
		}
		a.index, a.indexFile = index, s.Name
		return true, nil
	case has("pretrained_cfg", "architecture"):
		a.labelsFrom = s.Name
		return true, a.timm(text)
	case has("image_mean", "image_processor_type", "feature_extractor_type", "do_normalize"):
		return true, a.preprocessor(text)
	case has("model_type", "architectures", "id2label"):
		a.labelsFrom = s.Name
		return true, a.transformers(text)
	}
	labels, isCertain, err := jsonLabels(text)
	if labels == nil && err == nil {
		labels, err = nestedLabels(fields)
		isCertain = true
	}
	if labels != nil {
		a.keep(s.Name, labels, isCertain)
	}
	return labels != nil, err
}

// transformers reads the config.json of a Hugging Face ResNet.
func (a *about) transformers(text []byte) error {
	var c struct {
		ModelType    string            `json:"model_type"`
		LayerType    string            `json:"layer_type"`
		Activation   string            `json:"hidden_act"`
		FirstStage   bool              `json:"downsample_in_first_stage"`
		InBottleneck bool              `json:"downsample_in_bottleneck"`
		ID2Label     map[string]string `json:"id2label"`
		Label2ID     json.RawMessage   `json:"label2id"`
		Path         string            `json:"_name_or_path"`
		problemFields
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return err
	}
	switch {
	case c.ModelType != "" && c.ModelType != "resnet":
		return fmt.Errorf("the file describes a network of the kind %.40q, not a resnet", c.ModelType)
	case c.Activation != "" && c.Activation != "relu":
		return fmt.Errorf("the network's activation is %.40q; only relu is known", c.Activation)
	case c.FirstStage:
		return fmt.Errorf("the network shrinks the picture in its first stage (downsample_in_first_stage), which is " +
			"not supported")
	}
	a.block = resnet.Block(c.LayerType)
	a.hints.StrideIn = resnet.StrideIn3x3
	if c.InBottleneck {
		a.hints.StrideIn = resnet.StrideIn1x1
	}
	a.source = c.Path
	if err := a.activation.read(c.problemFields); err != nil {
		return err
	}
	var err error
	switch {
	case len(c.ID2Label) > 0:
		a.labels, err = byNumber(len(c.ID2Label),
			func(i string) (string, bool) { label, ok := c.ID2Label[i]; return label, ok })
	case len(c.Label2ID) > 0:
		a.labels, _, err = jsonLabels(c.Label2ID)
	}
	return err
}

// timm reads the config.json of timm.
func (a *about) timm(text []byte) error {
	var c struct {
		Architecture string            `json:"architecture"`
		Names        []string          `json:"label_names"`
		Descriptions map[string]string `json:"label_descriptions"`
		Pool         string            `json:"global_pool"`
		problemFields
		Pretrained struct {
			InputSize     []int     `json:"input_size"`
			CropPart      float64   `json:"crop_pct"`
			CropMode      string    `json:"crop_mode"`
			Interpolation string    `json:"interpolation"`
			Mean          []float32 `json:"mean"`
			Std           []float32 `json:"std"`
			Names         []string  `json:"label_names"`
			Hub           string    `json:"hf_hub_id"`
			problemFields
		} `json:"pretrained_cfg"`
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return err
	}
	for _, kind := range []string{"resnetaa", "resnetblur"} {
		if strings.Contains(c.Architecture, kind) {
			return fmt.Errorf("the network is a %.40q, with anti-aliased pooling, which is not supported",
				c.Architecture)
		}
	}
	if c.Pool != "" && c.Pool != "avg" {
		return fmt.Errorf("the network's pooling before the classifier is %.40q; only avg is known", c.Pool)
	}
	if a.labels = c.Names; a.labels == nil {
		a.labels = c.Pretrained.Names
	}
	for i, name := range a.labels {
		if words := c.Descriptions[name]; words != "" {
			a.labels[i] = words
		}
	}
	a.source = c.Pretrained.Hub
	for _, fields := range []problemFields{c.Pretrained.problemFields, c.problemFields} {
		if err := a.activation.read(fields); err != nil {
			return err
		}
	}
	// timm's networks, which are PyTorch's, have the stride in the 3×3.
	a.hints.StrideIn = resnet.StrideIn3x3
	p := c.Pretrained
	if p.InputSize == nil { // older files have these fields at the top level
		if err := json.Unmarshal(text, &p); err != nil {
			return err
		}
	}
	if p.InputSize == nil {
		return nil
	}
	if len(p.InputSize) != 3 || p.InputSize[0] != 3 || p.InputSize[1] != p.InputSize[2] {
		return fmt.Errorf("the network takes pictures of the form %v; squares of three channels are known", p.InputSize)
	}
	size := p.InputSize[1]
	part := p.CropPart
	if part == 0 {
		part = 0.875 // timm's own default
	}
	if !(part > 0.01 && part <= 1) {
		return fmt.Errorf("a crop_pct of %v is not in 0.01…1", part)
	}
	a.pictures = &pictures{
		size: size, shortSide: int(float64(size) / part), squash: p.CropMode == "squash",
		interpolation: p.Interpolation,
		rescale:       1. / 255, mean: p.Mean, std: p.Std,
	}
	return nil
}

// classIndex reads {"0": "tench"} and {"0": ["n01440764", "tench"]}.
func classIndex(fields map[string]json.RawMessage) ([]string, error) {
	return byNumber(len(fields), func(i string) (string, bool) {
		var label string
		var pair []string
		raw, ok := fields[i]
		if json.Unmarshal(raw, &label) != nil && json.Unmarshal(raw, &pair) == nil && len(pair) > 0 {
			label = pair[len(pair)-1]
		}
		return label, ok
	})
}

// byNumber reads n labels by their numbers.
func byNumber(n int, label func(string) (string, bool)) ([]string, error) {
	labels := make([]string, n)
	for i := range labels {
		words, ok := label(strconv.Itoa(i))
		if !ok || words == "" {
			return nil, fmt.Errorf("there are %d labels, but none for class %d", n, i)
		}
		labels[i] = words
	}
	return labels, nil
}

// agrees returns an error if the side files belong to another network.
func (a *about) agrees(c resnet.Config) error {
	if a.block != "" && a.block != c.Block {
		return fmt.Errorf("config.json describes %.40s blocks, the file has %s blocks: they do not belong together",
			a.block, c.Block)
	}
	return nil
}
