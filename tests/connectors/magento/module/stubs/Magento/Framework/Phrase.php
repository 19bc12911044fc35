<?php

namespace Magento\Framework;

class Phrase implements \JsonSerializable
{
    private $text;
    private $arguments;

    public function __construct($text, array $arguments = [])
    {
        $this->text = (string)$text;
        $this->arguments = $arguments;
    }

    public function getText()
    {
        return $this->text;
    }

    public function getArguments()
    {
        return $this->arguments;
    }

    public function render()
    {
        $said = [];
        foreach ($this->arguments as $key => $value) {
            $said['%' . (is_int($key) ? $key + 1 : $key)] = (string)$value;
        }
        return strtr($this->text, $said);
    }

    public function __toString()
    {
        return $this->render();
    }

    #[\ReturnTypeWillChange]
    public function jsonSerialize()
    {
        return $this->render();
    }
}
