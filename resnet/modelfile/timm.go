package modelfile

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed8935e608/residua/resnet"
)

// timm reads the config.json of timm.
func (a *about) timm(text []byte) error {
	var c struct {
		Architecture string                     `json:"architecture"`
		Names        []string                   `json:"label_names"`
		Descriptions map[string]string          `json:"label_descriptions"`
		Classes      int                        `json:"num_classes"`
		Features     int                        `json:"num_features"`
		Pool         string                     `json:"global_pool"`
		Args         map[string]json.RawMessage `json:"model_args"`
		Pretrained   timmPictures               `json:"pretrained_cfg"`
		problemFields
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
	if err := a.timmArgs(c.Args); err != nil {
		return err
	}
	a.expected = expected{classes: c.Classes, features: c.Features}
	if a.labels = c.Names; a.labels == nil {
		a.labels = c.Pretrained.Names
	}
	descriptions := c.Descriptions
	if descriptions == nil {
		descriptions = c.Pretrained.Descriptions
	}
	for i, name := range a.labels {
		if words := descriptions[name]; words != "" {
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
	var err error
	a.pictures, err = p.pictures()
	return err
}

// timmPictures is what timm's pretrained_cfg says of pictures.
type timmPictures struct {
	InputSize     []int             `json:"input_size"`
	CropPart      float64           `json:"crop_pct"`
	CropMode      string            `json:"crop_mode"`
	Interpolation string            `json:"interpolation"`
	Mean          []float32         `json:"mean"`
	Std           []float32         `json:"std"`
	Names         []string          `json:"label_names"`
	Descriptions  map[string]string `json:"label_descriptions"`
	Hub           string            `json:"hf_hub_id"`
	problemFields
}

// pictures follows timm's create_transform for evaluation.
func (c timmPictures) pictures() (*pictures, error) {
	if len(c.InputSize) != 3 || c.InputSize[0] != 3 || c.InputSize[1] < 1 || c.InputSize[2] < 1 {
		return nil, fmt.Errorf("the network takes pictures of the form %v (input_size); three channels, a height and "+
			"a width are known", c.InputSize)
	}
	part := c.CropPart
	if part == 0 {
		part = 0.875 // timm's own default
	}
	if !(part > 0.01 && part <= 1) {
		return nil, fmt.Errorf("a crop_pct of %v is not in 0.01…1", part)
	}
	height, width := c.InputSize[1], c.InputSize[2]
	p := &pictures{
		height: height, width: width,
		resizeHeight: int(float64(height) / part), resizeWidth: int(float64(width) / part),
		interpolation: c.Interpolation, rescale: 1. / 255, mean: c.Mean, std: c.Std,
	}
	if p.interpolation == "" {
		p.interpolation = "bicubic" // timm's own default
	}
	switch c.CropMode {
	case "", "center":
	case "squash":
		p.squash = true
	case "border":
		p.otherwise = append(p.otherwise, "border")
	default:
		return nil, fmt.Errorf("a crop_mode of %.40q is not known; center, squash and border are", c.CropMode)
	}
	return p, nil
}

// withoutEffect lists arguments of timm's ResNet that change nothing in a network that is trained, or that its tensors
// say too.
var withoutEffect = []string{"block", "layers", "cardinality", "base_width", "num_classes", "drop_rate",
	"drop_path_rate", "drop_block_rate", "zero_init_last", "pretrained", "img_size", "stem_width"}

// timmArgs checks the arguments with which timm makes a network.
func (a *about) timmArgs(args map[string]json.RawMessage) error {
	known := map[string][]string{
		"act_layer": {`"relu"`, "null"}, "output_stride": {"32"}, "in_chans": {"3"}, "global_pool": {`"avg"`},
		"aa_layer": {"null", `""`}, "avg_down": {"false"}, "stem_type": {`""`, "null"}, "replace_stem_pool": {"false"},
		"norm_layer": {`"batchnorm"`, `"batchnorm2d"`, "null"}, "down_kernel_size": {"1"},
		"block_reduce_first": {"1"}, "block_args": {"null", "{}"}, "features_only": {"false"},
	}
	for _, name := range slices.Sorted(maps.Keys(args)) {
		value := string(args[name])
		switch allowed, ok := known[name]; {
		case slices.Contains(withoutEffect, name), ok && slices.Contains(allowed, value):
		case ok:
			return fmt.Errorf("the network is made with %s = %.40s (model_args); %s is known", name, value, allowed[0])
		default:
			a.notes = append(a.notes, Note{NoteSetting, printable("model_args." + name + " = " + value)})
		}
	}
	return nil
}

// torchvision reads how the pictures of torchvision's weights are prepared, as their transforms say:
// ImageClassification with its arguments, in a JSON object.
func (a *about) torchvision(text []byte) error {
	var c struct {
		Resize        sides     `json:"resize_size"`
		Crop          sides     `json:"crop_size"`
		Interpolation string    `json:"interpolation"`
		Mean          []float32 `json:"mean"`
		Std           []float32 `json:"std"`
		Categories    []string  `json:"categories"`
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return err
	}
	if c.Crop == nil {
		c.Crop = c.Resize
	}
	if len(c.Resize) < 1 || len(c.Resize) > 2 || len(c.Crop) < 1 || len(c.Crop) > 2 {
		return fmt.Errorf("a resize_size of %v and a crop_size of %v are no sizes: each is a side, or height and width",
			c.Resize, c.Crop)
	}
	last := func(s sides) int { return s[len(s)-1] }
	p := &pictures{height: c.Crop[0], width: last(c.Crop), resizeHeight: c.Resize[0], resizeWidth: last(c.Resize),
		squash:        len(c.Resize) == 2,
		interpolation: strings.ToLower(strings.TrimPrefix(c.Interpolation, "InterpolationMode.")),
		rescale:       1. / 255, mean: c.Mean, std: c.Std}
	a.pictures, a.labels = p, c.Categories
	return p.check()
}

// sides is a side, or a list of sides.
type sides []int

func (s *sides) UnmarshalJSON(b []byte) error {
	var one int
	if json.Unmarshal(b, &one) == nil {
		*s = sides{one}
		return nil
	}
	return json.Unmarshal(b, (*[]int)(s))
}
