//go:build !js

package modelfile

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/internal/settingsdoc"
)

// bases are files that describe the same network; each case of settings changes one field of one of them.
var bases = map[string]string{
	"timm": `{"architecture": "resnet14t", "num_classes": 5, "pretrained_cfg": {"input_size": [3, 64, 64],
		"crop_pct": 1, "interpolation": "bilinear", "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}}`,
	"config.json of transformers": `{"model_type": "resnet"}`,
	"preprocessor_config.json of transformers": `{"image_processor_type": "CLIPImageProcessor",
		"size": {"shortest_edge": 64}, "crop_size": {"height": 64, "width": 64}, "resample": 2,
		"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}`,
	"torchvision's transforms": `{"resize_size": [64], "crop_size": [64], "interpolation": "InterpolationMode.BILINEAR",
		"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}`,
}

// The answers to a field.
const (
	honoured = "honoured"  // want is a part of the card or the structure, and is not there without the field
	noted    = "noted"     // want is a note, "code value"
	refused  = "refused"   // want is a part of the error
	noEffect = "no effect" // the result is the same, its notes too
)

// settings has a case for each row of docs/configurations.md. A field is a path and its value.
var settings = map[string][]struct{ field, answer, want string }{
	"timm": {
		{`pretrained_cfg.input_size = [3, 96, 160]`, honoured, "InputHeight:96 InputWidth:160"},
		{`pretrained_cfg.input_size = [1, 64, 64]`, refused, "[1 64 64]"},
		{`pretrained_cfg.fixed_input_size = true`, noEffect, ""},
		{`pretrained_cfg.min_input_size = [3, 32, 32]`, noEffect, ""},
		{`pretrained_cfg.test_input_size = [3, 96, 96]`, noEffect, ""},
		{`pretrained_cfg.test_crop_pct = 0.5`, noEffect, ""},
		{`pretrained_cfg.pool_size = [2, 2]`, noEffect, ""},
		{`pretrained_cfg.crop_pct = 0.5`, honoured, "ShortSide:128"},
		{`pretrained_cfg.crop_pct = 2`, refused, "crop_pct of 2"},
		{`pretrained_cfg.crop_mode = "center"`, noEffect, ""},
		{`pretrained_cfg.crop_mode = "squash"`, honoured, "Squash:true"},
		{`pretrained_cfg.crop_mode = "border"`, noted, "resize border"},
		{`pretrained_cfg.crop_mode = "random"`, refused, `crop_mode of "random"`},
		{`pretrained_cfg.interpolation = "bicubic"`, honoured, "Interpolation:bicubic"},
		{`pretrained_cfg.interpolation = "random"`, noted, "interpolation random"},
		{`pretrained_cfg.mean = [0.1, 0.2, 0.3]`, honoured, "Mean:[0.1 0.2 0.3]"},
		{`pretrained_cfg.mean = null`, noted, "preprocessing imagenet"},
		{`pretrained_cfg.std = [0.1, 0.2, 0.3]`, honoured, "Std:[0.1 0.2 0.3]"},
		{`pretrained_cfg.label_names = ["a", "b", "c", "d", "e"]`, honoured, "Labels:[a b c d e]"},
		{`pretrained_cfg.label_descriptions = {"a": "ant"}`, noEffect, ""},
		{`label_names = ["a", "b", "c", "d", "e"]`, honoured, "Labels:[a b c d e]"},
		{`label_names = ["a", "b"]`, noted, "labels-count side.json (2 ≠ 5)"},
		{`pretrained_cfg.hf_hub_id = "timm/x"`, honoured, "Source:timm/x"},
		{`pretrained_cfg.num_classes = 7`, noEffect, ""},
		{`pretrained_cfg.first_conv = "conv1.0"`, noEffect, ""},
		{`pretrained_cfg.classifier = "head"`, noEffect, ""},
		{`pretrained_cfg.custom_load = true`, noEffect, ""},
		{`num_classes = 7`, refused, "classes: 7, and the file has 5"},
		{`num_features = 7`, refused, "num_features 7"},
		{`global_pool = "max"`, refused, `"max"; only avg`},
		{`architecture = "resnetblur50"`, refused, "anti-aliased"},
		{`model_args.act_layer = "silu"`, refused, `act_layer = "silu"`},
		{`model_args.output_stride = 8`, refused, "output_stride = 8"},
		{`model_args.in_chans = 1`, refused, "in_chans = 1"},
		{`model_args.global_pool = "max"`, refused, `global_pool = "max"`},
		{`model_args.aa_layer = "blurpool"`, refused, `aa_layer = "blurpool"`},
		{`model_args.avg_down = true`, refused, "avg_down = true"},
		{`model_args.stem_type = "deep"`, refused, `stem_type = "deep"`},
		{`model_args.replace_stem_pool = true`, refused, "replace_stem_pool = true"},
		{`model_args.norm_layer = "groupnorm"`, refused, `norm_layer = "groupnorm"`},
		{`model_args.down_kernel_size = 3`, refused, "down_kernel_size = 3"},
		{`model_args.block_reduce_first = 2`, refused, "block_reduce_first = 2"},
		{`model_args.block_args = {"attn_layer": "se"}`, refused, "attn_layer"},
		{`model_args.features_only = true`, refused, "features_only = true"},
		{`model_args.layers = [2, 1]`, noEffect, ""},
		{`model_args.drop_rate = 0.5`, noEffect, ""},
		{`model_args.something = 1`, noted, "setting model_args.something = 1"},
	},
	"config.json of transformers": {
		{`model_type = "vit"`, refused, `"vit", not a resnet`},
		{`layer_type = "basic"`, refused, "do not belong together"},
		{`layer_type = "other"`, refused, `layer_type is "other"`},
		{`hidden_act = "gelu"`, refused, `"gelu"; only relu`},
		{`downsample_in_first_stage = true`, refused, "downsample_in_first_stage"},
		{`downsample_in_bottleneck = true`, honoured, "StrideIn:1x1"},
		{`num_channels = 1`, refused, "1 channels"},
		{`embedding_size = 7`, refused, "embedding_size 7"},
		{`hidden_sizes = [7]`, refused, "hidden_sizes [7]"},
		{`depths = [7]`, refused, "depths [7]"},
		{`num_labels = 7`, refused, "classes: 7"},
		{`id2label = {"0": "a", "1": "b", "2": "c", "3": "d", "4": "e"}`, honoured, "Labels:[a b c d e]"},
		{`label2id = {"a": 0, "b": 1, "c": 2, "d": 3, "e": 4}`, honoured, "Labels:[a b c d e]"},
		{`out_features = ["stage4"]`, noEffect, ""},
		{`torch_dtype = "float16"`, noEffect, ""},
		{`_name_or_path = "somebody/x"`, honoured, "Source:somebody/x"},
	},
	"preprocessor_config.json of transformers": {
		{`image_processor_type = "ConvNextImageProcessor"`, noEffect, ""},
		{`image_processor_type = "LevitImageProcessor"`, noted, "processor LevitImageProcessor"},
		{`do_resize = false`, noted, "resize none"},
		{`size = {"height": 96, "width": 80}`, honoured, "ResizeHeight:96 ResizeWidth:80 Squash:true"},
		{`size = {"longest_edge": 64}`, refused, "longest_edge"},
		{`crop_size = {"height": 64, "width": 32}`, honoured, "InputHeight:64 InputWidth:32"},
		{`crop_size = {"height": 96, "width": 64}`, noted, "resize border"},
		{`do_center_crop = false`, noted, "resize whole"},
		{`crop_pct = 0.5`, noEffect, ""},
		{`resample = 3`, honoured, "Interpolation:bicubic"},
		{`resample = 17`, refused, "resample of 17"},
		{`do_rescale = false`, honoured, "Rescale:1 "},
		{`rescale_factor = 0.5`, honoured, "Rescale:0.5"},
		{`rescale_offset = true`, honoured, "Mean:[1.5 1.5 1.5]"},
		{`do_normalize = false`, honoured, "Mean:[0 0 0] Std:[1 1 1]"},
		{`image_mean = [0.1, 0.2, 0.3]`, honoured, "Mean:[0.1 0.2 0.3]"},
		{`image_std = [0.1, 0.2, 0.3]`, honoured, "Std:[0.1 0.2 0.3]"},
		{`image_mean = null`, noted, "preprocessing imagenet"},
		{`do_flip_channel_order = true`, honoured, "ChannelOrder:BGR"},
		{`do_convert_rgb = true`, noEffect, ""},
		{`do_pad = true`, noted, "resize border"},
		{`include_top = true`, refused, "normalised twice"},
		{`do_grayscale = true`, refused, "do_grayscale"},
		{`return_tensors = "pt"`, noEffect, ""},
		{`data_format = "channels_first"`, noEffect, ""},
	},
	"torchvision's transforms": {
		{`resize_size = [96]`, honoured, "ShortSide:96"},
		{`resize_size = [96, 80]`, honoured, "ResizeHeight:96 ResizeWidth:80 Squash:true"},
		{`crop_size = [64, 32]`, honoured, "InputHeight:64 InputWidth:32"},
		{`interpolation = "InterpolationMode.BICUBIC"`, honoured, "Interpolation:bicubic"},
		{`interpolation = "InterpolationMode.NEAREST_EXACT"`, noted, "interpolation nearest_exact"},
		{`mean = [0.1, 0.2, 0.3]`, honoured, "Mean:[0.1 0.2 0.3]"},
		{`std = [0.1, 0.2, 0.3]`, honoured, "Std:[0.1 0.2 0.3]"},
		{`categories = ["a", "b", "c", "d", "e"]`, honoured, "Labels:[a b c d e]"},
		{`antialias = false`, noEffect, ""},
	},
}

// with is a base with one field changed.
func with(t *testing.T, base, field string) string {
	t.Helper()
	path, value, ok := strings.Cut(field, " = ")
	var file map[string]any
	if err := json.Unmarshal([]byte(base), &file); err != nil || !ok {
		t.Fatal(field, err)
	}
	at := file
	names := strings.Split(path, ".")
	for _, name := range names[:len(names)-1] {
		if at[name] == nil {
			at[name] = map[string]any{}
		}
		at = at[name].(map[string]any)
	}
	var v any
	if err := json.Unmarshal([]byte(value), &v); err != nil {
		t.Fatal(field, err)
	}
	at[names[len(names)-1]] = v
	text, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestSettings: no setting of a configuration is ignored in silence where it would change the numbers.
func TestSettings(t *testing.T) {
	file := read(t, "transformers-bottleneck.safetensors")
	describe := func(o *Opened) string { return fmt.Sprintf("%+v %+v", o.Config, o.Card) }
	for section, cases := range settings {
		base := bases[section]
		plain, err := Open(file, Options{Sides: given([]string{base})})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			t.Run(section+"/"+c.field, func(t *testing.T) {
				o, err := Open(file, Options{Sides: given([]string{with(t, base, c.field)})})
				if c.answer == refused {
					if err == nil || !strings.Contains(err.Error(), c.want) {
						t.Errorf("the error is %v, want %s", err, c.want)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				switch c.answer {
				case honoured:
					if !strings.Contains(describe(o), c.want) || strings.Contains(describe(plain), c.want) {
						t.Errorf("%s is not in\n%s\nor is in\n%s", c.want, describe(o), describe(plain))
					}
				case noted:
					code, value, _ := strings.Cut(c.want, " ")
					note := Note{code, value}
					if !slices.Contains(o.Notes, note) || slices.Contains(plain.Notes, note) {
						t.Errorf("the notes are %v, and without the field %v", o.Notes, plain.Notes)
					}
				case noEffect:
					if describe(o) != describe(plain) || !slices.Equal(o.Notes, plain.Notes) {
						t.Errorf("it is\n%s %v\nand without the field\n%s %v", describe(o), o.Notes, describe(plain),
							plain.Notes)
					}
				default:
					t.Errorf("no answer %q", c.answer)
				}
			})
		}
	}
}

// TestSettingsAreDocumented: docs/configurations.md has a row for each case, with its answer, and no other rows.
func TestSettingsAreDocumented(t *testing.T) {
	for section, cases := range settings {
		answers := map[string]string{}
		for _, c := range cases {
			answers[c.field] = c.answer
		}
		settingsdoc.Check(t, section, answers)
	}
}
