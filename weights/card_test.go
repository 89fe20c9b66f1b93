package weights

import (
	"encoding/json"
	"maps"
	"reflect"
	"strings"
	"testing"
)

func goodCard() Card {
	return Card{
		Model: "resnet50", Title: "ResNet-50", InputSize: 224, ShortSide: 256, Interpolation: "bilinear",
		ChannelOrder: "BGR", Rescale: 1, Mean: [3]float32{103.939, 116.779, 123.68}, Std: [3]float32{1, 1, 1},
		Labels: []string{"tench", "goldfish", "jack-o'-lantern", "Weißwurst"}, License: "MIT", Source: "somewhere",
	}
}

// cardWith is the valid card as JSON with some fields replaced; nil removes a field.
func cardWith(changes map[string]any) string {
	text, err := goodCard().Encode()
	if err != nil {
		panic(err)
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(text), &fields); err != nil {
		panic(err)
	}
	maps.Copy(fields, changes)
	maps.DeleteFunc(fields, func(_ string, v any) bool { return v == nil })
	b, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func with(key string, value any) string { return cardWith(map[string]any{key: value}) }

var badCards = []struct{ name, text, want string }{
	{"empty", ``, "not readable"},
	{"array", `[]`, "not readable"},
	{"null", `null`, "means"},
	{"truncated", `{"model":"resnet50"`, "not readable"},
	{"something after the end", with("model", "resnet50") + "{}", "not readable"},
	{"no model", with("model", nil), "name"},
	{"model with a slash", with("model", "../resnet50"), "name"},
	{"model in capitals", with("model", "ResNet50"), "name"},
	{"model too long", with("model", strings.Repeat("a", 65)), "name"},
	{"no title", with("title", nil), "no title"},
	{"title with a newline", with("title", "a\nb"), "title"},
	{"title too long", with("title", strings.Repeat("a", 1001)), "title"},
	{"input size 0", with("inputSize", 0), "input size 0"},
	{"input size negative", with("inputSize", -224), "input size -224"},
	{"input size huge", cardWith(map[string]any{"inputSize": 100000, "shortSide": 100000}), "input size 100000"},
	{"input size fractional", with("inputSize", 224.5), "not readable"},
	{"input size beyond an int", with("inputSize", 1e300), "not readable"},
	{"short side below the input size", with("shortSide", 223), "short side 223"},
	{"short side huge", with("shortSide", 4097), "short side 4097"},
	{"interpolation", with("interpolation", "lanczos"), `"lanczos"`},
	{"no interpolation", with("interpolation", nil), "interpolation"},
	{"channel order", with("channelOrder", "GBR"), `"GBR"`},
	{"no rescale", with("rescale", nil), "rescale 0"},
	{"rescale negative", with("rescale", -1), "rescale -1"},
	{"rescale huge", with("rescale", 1e7), "rescale"},
	{"rescale beyond float32", with("rescale", 1e39), "not readable"},
	{"no mean", with("mean", nil), "0 means"},
	{"two means", with("mean", []int{1, 2}), "2 means"},
	{"four means", with("mean", []int{1, 2, 3, 4}), "4 means"},
	{"mean huge", with("mean", []float64{0, 0, 1e7}), "mean"},
	{"no std", with("std", nil), "0 standard deviations"},
	{"std 0", with("std", []int{1, 0, 1}), "standard deviation 0"},
	{"std negative", with("std", []int{1, 1, -1}), "standard deviation -1"},
	{"std tiny", with("std", []float64{1, 1, 1e-9}), "standard deviation"},
	{"four stds", with("std", []int{1, 1, 1, 1}), "4 standard deviations"},
	{"an activation that is not known", with("activation", "tanh"), `"tanh"`},
	{"the softmax by its name", with("activation", "softmax"), `"softmax"`},
	{"empty label", with("labels", []string{"a", ""}), "label 1"},
	{"label with a control character", with("labels", []string{"a\u0000"}), "label 0"},
	{"label too long", with("labels", []string{strings.Repeat("a", 1001)}), "label 0"},
	{"labels are numbers", with("labels", []int{1}), "not readable"},
	{"too many labels", with("labels", strings.Split(strings.Repeat("a ", 100_000)+"a", " ")), "100001 labels"},
	{"licence too long", with("license", strings.Repeat("a", 1001)), "license"},
	{"source with a tab", with("source", "a\tb"), "source"},
}

func TestCardFromRefuses(t *testing.T) {
	for _, c := range badCards {
		t.Run(c.name, func(t *testing.T) {
			card, err := CardFrom(map[string]string{CardKey: c.text})
			if err == nil {
				t.Fatalf("accepted as %+v", card)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is\n%v\nand does not say\n%s", err, c.want)
			}
		})
	}
	if _, err := CardFrom(nil); err == nil || !strings.Contains(err.Error(), "no model card") {
		t.Errorf("no metadata: %v", err)
	}
}

func TestCardRoundTrip(t *testing.T) {
	for _, activation := range []string{"", Sigmoid} {
		card := goodCard()
		card.Activation = activation
		text, err := card.Encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := CardFrom(map[string]string{CardKey: text})
		if err != nil || !reflect.DeepEqual(got, card) {
			t.Errorf("got %+v, %v, want %+v", got, err, card)
		}
	}
}

func TestCardFromPassesOverUnknownFields(t *testing.T) {
	got, err := CardFrom(map[string]string{CardKey: with("year", 2015)})
	if err != nil || !reflect.DeepEqual(got, goodCard()) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestCardWithoutLabels(t *testing.T) {
	for _, text := range []string{with("labels", nil), with("labels", []string{})} {
		if got, err := CardFrom(map[string]string{CardKey: text}); err != nil || len(got.Labels) != 0 {
			t.Errorf("got %q, %v", got.Labels, err)
		}
	}
}

func TestCardEncodeRefuses(t *testing.T) {
	card := goodCard()
	card.Std[1] = 0
	if text, err := card.Encode(); err == nil {
		t.Errorf("encoded as %s", text)
	}
}
